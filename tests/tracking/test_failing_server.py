"""Whatever W&B's server does: the run ends as if there were none, with a record to upload later."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nullfit.tasks.train.task import train
from nullfit.tracking import guarded_run, upload
from nullfit.tracking.live_upload import LiveUpload
from tests.process_groups import gone
from tests.tracking import wandb_file
from tests.tracking.wandb_server import Server, wandb_server

KEY = "0123456789abcdef" * 2 + "01234567"
NOBODY = "http://127.0.0.1:9"  # the discard port: refused at once
ONLINE = ("logger=wandb", "logger.mode=online", "study=late", "trainer.max_epochs=3")


@pytest.fixture(autouse=True)
def _with_a_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    monkeypatch.setattr(guarded_run._Server, "given_up", False)


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[LiveUpload]]:
    """The uploads of a test; none has a process left when it is over."""
    uploads: list[LiveUpload] = []
    finish = LiveUpload.finish

    def noted(self: LiveUpload, patience: float) -> str | None:
        uploads.append(self)
        return finish(self, patience)

    monkeypatch.setattr(LiveUpload, "finish", noted)
    yield uploads
    for one in uploads:
        assert gone(one._process.pid)


def record_of(folder: Path) -> Path:
    (path,) = folder.glob("wandb/offline-run-*/run-*.wandb")
    return path


FAILURES = {
    "no network": NOBODY,
    "hangs": ("hang", 0),
    "answers 500": ("500", 0),
    "drops the connection mid-run": ("drop", 1),
    "hangs mid-run": ("hang", 1),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_failing_server_costs_nothing_but_its_patience(
    tiny_config, tmp_path, monkeypatch, capfd, ended, failure
) -> None:
    expected = train(tiny_config("trainer.max_epochs=3"), tmp_path / "without")
    config = tiny_config(*ONLINE, "logger.patience=1.0")
    began = time.monotonic()
    if isinstance(failure, str):
        monkeypatch.setenv("WANDB_BASE_URL", failure)
        result = train(config, tmp_path / "run")
    else:
        with wandb_server(*failure) as (address, _):
            monkeypatch.setenv("WANDB_BASE_URL", address)
            result = train(config, tmp_path / "run")
    assert time.monotonic() - began < 300  # W&B itself goes on trying for days
    assert result["metrics"] == expected["metrics"]
    assert len(ended) == 1
    told = capfd.readouterr().err
    assert "nullfit: Weights & Biases does not have this run: " in told
    assert "task=sync study=late uploads it" in told
    record = record_of(tmp_path / "run")
    assert str(record.parent) in told
    found = wandb_file.read(record)
    assert found.exit_code == 0
    assert sum("test/accuracy" in row for row in found.history) == 3
    assert found.summary["test/accuracy"] == pytest.approx(result["metrics"]["test/accuracy"])
    assert not upload.was_uploaded(record)


def test_without_a_key_it_says_so(tiny_config, tmp_path, monkeypatch, capfd, ended) -> None:
    monkeypatch.delenv("WANDB_API_KEY")
    with wandb_server() as (address, server):
        monkeypatch.setenv("WANDB_BASE_URL", address)
        train(tiny_config(*ONLINE, "logger.patience=60.0"), tmp_path / "run")
    assert not server.rows
    assert (
        "does not have this run: it has no key of yours: run `wandb login`"
        in capfd.readouterr().err
    )
    assert wandb_file.read(record_of(tmp_path / "run")).exit_code == 0


def rows_of(server: Server) -> list[float]:
    return [row["test/accuracy"] for row in server.rows if "test/accuracy" in row]


def test_a_run_is_uploaded_while_it_goes_on(
    tiny_config, tmp_path, monkeypatch, capfd, ended
) -> None:
    with wandb_server() as (address, server):
        monkeypatch.setenv("WANDB_BASE_URL", address)
        train(tiny_config(*ONLINE, "logger.patience=60.0"), tmp_path / "run")
    record = record_of(tmp_path / "run")
    assert upload.was_uploaded(record)
    expected = [r for r in wandb_file.read(record).history if "test/accuracy" in r]
    assert rows_of(server) == [row["test/accuracy"] for row in expected]
    assert "nullfit:" not in capfd.readouterr().err


def test_what_a_failing_server_did_not_take_is_taken_later(
    tiny_config, tmp_path, monkeypatch, ended
) -> None:
    with wandb_server("hang") as (address, _):
        monkeypatch.setenv("WANDB_BASE_URL", address)
        train(tiny_config(*ONLINE, "logger.patience=0.5"), tmp_path / "run")
    record = record_of(tmp_path / "run")
    with wandb_server() as (address, server):
        monkeypatch.setenv("WANDB_BASE_URL", address)
        monkeypatch.setattr(upload, "_server", lambda: address)
        (told,) = upload.upload([record.parents[2]], (None, "nullfit"), limit=60.0)
        assert told == (record.parents[2], "uploaded")
    assert len(rows_of(server)) == 3


def test_a_grid_does_not_wait_again_and_again(tiny_config, tmp_path, monkeypatch, ended) -> None:
    monkeypatch.setenv("WANDB_BASE_URL", NOBODY)
    for seed in range(2):
        config = tiny_config(*ONLINE, "logger.patience=0.5", f"seed={seed}")
        train(config, tmp_path / str(seed))
        assert wandb_file.read(record_of(tmp_path / str(seed))).exit_code == 0
    assert len(ended) == 1


def test_a_failure_of_wandb_itself_is_told_once_and_does_not_stop_the_run(
    tiny_config, tmp_path, monkeypatch, capfd
) -> None:
    import wandb

    def broken(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(wandb.Run, "log", broken)
    result = train(tiny_config("logger=wandb", "trainer.max_epochs=2"), tmp_path / "run")
    assert result["status"] == "completed"
    told = capfd.readouterr().err
    assert told.count("Weights & Biases failed (OSError: No space left on device)") == 1


def test_the_upload_ends_with_the_process_that_it_is_for(tmp_path, monkeypatch) -> None:
    """A run that is killed leaves nobody behind who waits for its end."""
    with wandb_server("hang") as (address, _):
        monkeypatch.setenv("WANDB_BASE_URL", address)
        script = (
            "import os, sys, pathlib; from nullfit.tracking.live_upload import LiveUpload\n"
            "upload = LiveUpload(pathlib.Path(sys.argv[1]))\n"
            "print(upload._process.pid, flush=True); os.kill(os.getpid(), 9)"
        )
        folder = tmp_path / "offline-run-1-a"
        folder.mkdir()
        (folder / "run-a.wandb").write_bytes(b"")
        told = subprocess.run(
            [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False
        )
        assert gone(int(told.stdout))


def test_no_file_of_the_run_holds_the_key(tiny_config, tmp_path, monkeypatch, ended) -> None:
    with wandb_server("500") as (address, _):
        monkeypatch.setenv("WANDB_BASE_URL", address)
        train(tiny_config(*ONLINE, "logger.patience=0.5"), tmp_path / "run")
    for path in (tmp_path / "run").rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path
    assert json.loads((tmp_path / "run/result.json").read_text())["status"] == "completed"
