"""Whatever ended the processes of a run: the server gets each row of metrics.csv once, in one run.

The runs of one study are interrupted in every way; what a kill leaves of a record is cut off.
"""

import json
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nullfit.config.compose import compose_run
from nullfit.config.composer import composer
from nullfit.config.schema import RunConfig
from nullfit.config.validation import validate
from nullfit.system.claim import claimed
from nullfit.tasks.sync import SyncSettings, sync
from nullfit.tasks.train.task import train
from nullfit.tracking import upload, uploader
from nullfit.tracking.records import records_of
from tests.conftest import TINY
from tests.tracking.interruptions import (
    Killed,
    check,
    folder_of,
    interrupt,
    leave,
    lines_of,
    run_id,
)
from tests.tracking.wandb_server import Server, wandb_server

pytestmark = pytest.mark.slow

RUN = ("logger=wandb", "trainer.max_epochs=4", "logger.step_loss_budget=1000", "study=cut")
ALL = [1, 2, 3, 4]


@dataclass
class Way:
    """How a run is interrupted: after which epochs, by what, and what is left of each record."""

    after: list[int]
    by: type[BaseException] | signal.Signals = Killed
    left: Callable[[bytes], bytes] = bytes
    checkpoints: bool = True
    resumed: bool = True
    reaches: list[int] = field(default_factory=lambda: ALL)


def header(record: bytes) -> bytes:
    return record[:7]


def half(record: bytes) -> bytes:
    return record[: len(record) // 2]


def damaged(record: bytes) -> bytes:
    middle = len(record) // 2
    return record[:middle] + bytes(100) + record[middle + 100 :]


WAYS = {
    "killed in its first epoch": Way([0], left=header, resumed=False, reaches=[]),
    "killed": Way([2], left=header, resumed=False, reaches=[1, 2]),
    "killed, damaged": Way([3], left=damaged, resumed=False, reaches=[1, 2, 3]),
    "killed and gone on with": Way([2], left=header),
    "killed twice and gone on with": Way([1, 3], left=half),
    "killed without a checkpoint": Way([2], checkpoints=False),
    "stopped twice": Way([1, 3], by=signal.SIGTERM),
}


def config_of(root: Path, name: str, *more: str) -> RunConfig:
    with composer():
        seed = f"seed={list(WAYS).index(name)}"
        return validate(compose_run([*TINY, *RUN, f"outputs={root}", seed, *more]))


def carry_out(root: Path, name: str) -> None:
    way = WAYS[name]
    every = f"trainer.checkpoint_seconds={0 if way.checkpoints else 1e9}"
    config = config_of(root, name, every)
    for after in way.after:
        interrupt(config, after, way.by)
        leave(records_of(folder_of(config))[-1], way.left, after)
    if way.resumed:
        train(config, folder_of(config))


def upload_here(arguments: list[str], _: float) -> str:
    """In this process, which has W&B loaded already."""
    try:
        uploader.main(arguments[3:])
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cut")
    for name in WAYS:
        carry_out(root, name)
    return root


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[Server]:
    import wandb

    with pytest.MonkeyPatch.context() as patch, wandb_server() as (address, server):
        wandb.teardown()  # its settings are those of its beginning
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            patch.setenv(name, str(root / "home"))
        patch.setenv("WANDB_API_KEY", "0" * 40)
        patch.setenv("WANDB_BASE_URL", address)
        patch.setenv("WANDB_DIR", str(root / "home"))
        patch.delenv("WANDB_MODE", raising=False)
        patch.setattr(upload, "_said", upload_here)
        upload_study(root)
        yield server
        wandb.teardown()


def upload_study(root: Path) -> None:
    with composer():
        config = validate(compose_run(["task=sync", "study=cut", f"outputs={root}"]))
    sync(config, root / "cut" / "sync", sync=SyncSettings(limit=60.0))


def test_each_row_reaches_the_server_once(root: Path, server: Server) -> None:
    for name, way in WAYS.items():
        check(server, config_of(root, name), way.reaches)


def test_a_run_that_was_uploaded_and_went_on_is_gone_on_with(root: Path, server: Server) -> None:
    names = [name for name, way in WAYS.items() if not way.resumed]
    for name in names:
        config = config_of(root, name, "trainer.checkpoint_seconds=0")
        train(config, folder_of(config))
    upload_study(root)
    for name in names:
        check(server, config_of(root, name), ALL)


def test_a_second_upload_sends_nothing(root: Path, server: Server) -> None:
    sent = {run: list(lines) for run, lines in server.lines.items()}
    upload_study(root)
    for mark in root.glob("cut/*/wandb/*/*.synced"):
        mark.unlink()  # as after an upload that was ended too early
    upload_study(root)
    assert server.lines == sent


def test_what_an_upload_that_broke_off_has_sent_is_not_sent_again(root, server) -> None:
    config = config_of(root, "stopped twice")
    lines = server.lines[run_id(config)]
    sent = [json.loads(line) for line in lines]
    del lines[5:]
    for mark in folder_of(config).glob("wandb/*/*.synced"):
        mark.unlink()
    upload_study(root)
    assert lines_of(server, config) == sent


def test_a_run_in_course_is_left_for_later(root: Path, server: Server, capsys) -> None:
    config = config_of(root, "stopped twice")
    record = records_of(folder_of(config))[-1]
    uploader.mark_of(record).unlink()
    with claimed(folder_of(config), config.job):
        upload_study(root)
    assert "left for later" in capsys.readouterr().out
    assert not upload.was_uploaded(record)
    uploader.mark_of(record).touch()


def test_what_cannot_be_read_is_set_aside_with_a_line(root: Path, server: Server, capsys) -> None:
    config = config_of(root, "stopped twice")
    folder = folder_of(config) / "wandb" / f"offline-run-20190101_000000-{run_id(config)}"
    folder.mkdir()
    record = folder / f"run-{run_id(config)}.wandb"
    record.write_bytes(b":W&B")
    upload_study(root)
    assert f"set aside as {folder.with_name('empty-' + folder.name)}" in capsys.readouterr().err
    check(server, config, ALL)
