"""A run that is interrupted while it is uploaded goes on in the same run on the server."""

import time

import pytest

from nullfit.tasks.train.task import train
from nullfit.tracking import guarded_run, wandb_run
from tests.tracking.interruptions import check, folder_of, interrupt
from tests.tracking.wandb_server import Server, wandb_server

pytestmark = pytest.mark.slow

RUN = ("logger=wandb", "logger.mode=online", "study=live", "logger.step_loss_budget=1000")
_PATIENCE_SECONDS = 60.0


def wait_for_rows(server: Server, count: int) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while len(server.rows) < count:
        assert time.monotonic() < end, "nothing was uploaded while the run went on"
        time.sleep(0.05)


def test_an_upload_that_ended_with_its_run_is_gone_on_with(
    tiny_config, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    monkeypatch.setattr(wandb_run, "_FLUSH_SECONDS", 0.1)
    monkeypatch.setattr(guarded_run._Server, "given_up", False)
    epochs = ("trainer.max_epochs=4", "trainer.checkpoint_seconds=0")
    with wandb_server() as (address, server):
        monkeypatch.setenv("WANDB_BASE_URL", address)
        first = tiny_config(*RUN, *epochs, "logger.patience=0.0")
        interrupt(first, after=3, when=lambda: wait_for_rows(server, 4))
        (record,) = folder_of(first).glob("wandb/offline-run-*")
        record.rename(record.with_name(record.name.replace("offline-run-20", "offline-run-19")))
        there = list(server.rows)
        monkeypatch.setattr(guarded_run._Server, "given_up", False)
        config = tiny_config(*RUN, *epochs, f"logger.patience={_PATIENCE_SECONDS}")
        train(config, folder_of(config))
        assert server.rows[: len(there)] == there
        check(server, config, [1, 2, 3, 4])
        assert not list(folder_of(config).glob("wandb/offline-upload-*"))
