"""Trainings that are interrupted, and what of them the server has."""

import itertools
import json
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas
import pytest

from nullfit.config.schema import RunConfig
from nullfit.system.interruption import Interrupted, interruptible
from nullfit.tasks.train.task import train
from nullfit.training.record import RunRecord
from tests.tracking import wandb_file
from tests.tracking.wandb_server import Server


class Killed(BaseException):
    """Stands for the end of a process."""


def folder_of(config: RunConfig) -> Path:
    return Path(config.outputs) / config.study / config.job


def interrupt(
    config: RunConfig,
    after: int,
    by: type[BaseException] | signal.Signals = Killed,
    when: Callable[[], object] = lambda: None,
) -> None:
    """Train until so many epochs are in metrics.csv, and the last one nowhere else."""
    end_epoch = RunRecord.end_epoch

    def ending(record: RunRecord, *given: Any) -> Any:
        if not after:
            raise Killed
        row = end_epoch(record, *given)
        if record.epochs == after:
            when()
            if isinstance(by, type):
                raise by
            os.kill(os.getpid(), by)
        return row

    with pytest.MonkeyPatch.context() as patch, interruptible(), suppress(Killed, Interrupted):
        patch.setattr(RunRecord, "end_epoch", ending)
        train(config, folder_of(config))


def leave(record: Path, left: Callable[[bytes], bytes], number: int) -> None:
    """Cut off what a killed process would not have written, as if that were long ago."""
    wandb_file.finished_records(record)
    record.write_bytes(left(record.read_bytes()))
    os.utime(record, (0, 0))
    name = f"offline-run-2020010{number}_000000-{record.stem.removeprefix('run-')}"
    record.parent.rename(record.parent.with_name(name))


def run_id(config: RunConfig) -> str:
    (run,) = {
        record.stem.removeprefix("run-")
        for pattern in ("offline-run-*", "empty-offline-run-*")
        for record in (folder_of(config) / "wandb").glob(f"{pattern}/run-*.wandb")
    }
    return run


def lines_of(server: Server, config: RunConfig) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.lines.get(run_id(config), ())]


def check(server: Server, config: RunConfig, reaches: list[int]) -> None:
    """Each row of metrics.csv is there once, in one run with steps and times that go on."""
    lines = lines_of(server, config)
    assert [line["_step"] for line in lines] == list(range(len(lines)))
    times = [line["_runtime"] for line in lines]
    assert all(before <= after for before, after in itertools.pairwise(times))
    rows = [line for line in lines if "epoch" in line and "step" in line]
    assert [row["epoch"] for row in rows] == reaches
    expected = pandas.read_csv(folder_of(config) / "metrics.csv")
    assert len(expected) == len(reaches)
    for name in expected.drop(columns=["seconds", "epoch_seconds"]):
        of_name = expected[name].dropna()
        assert [rows[index][name] for index in of_name.index] == pytest.approx(of_name.tolist())
    steps = [line["step"] for line in lines if "train/step_loss" in line]
    assert len(set(steps)) == len(steps)
    assert sum("samples" in line for line in lines) <= 1
    if lines:
        summary = server.summaries[run_id(config)]
        assert [summary[name] for name in ("_step", "_runtime")] == [len(lines) - 1, times[-1]]
