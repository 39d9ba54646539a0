"""The records of Weights & Biases in a run's folder: one of each process that worked on the run.

W&B writes a record some seconds behind: a process that is killed leaves one that lacks its last
epochs, or is empty. metrics.csv has them all.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from nullfit.tracking.record_file import read_records
from nullfit.tracking.transcript import Row, is_epoch, row_of

_OFFLINE = "offline-run-*/run-*.wandb"
_ASIDE = "empty-"
_SETTLED_SECONDS = 10.0
_PAUSE = 0.05


def records_of(folder: Path) -> list[Path]:
    """The records of the run in a folder, in the order in which they were begun.

    None where a link stands for the folder, and none that lies behind a link.
    """
    if folder.is_symlink() or (folder / "wandb").is_symlink():
        return []
    found = (folder / "wandb").glob(_OFFLINE)
    own = (file for file in found if not (file.is_symlink() or file.parent.is_symlink()))
    return sorted(own, key=lambda file: file.parent.name)


def run_folder(run: Any) -> Path:
    """The folder of the run that a ``wandb.Run`` records."""
    return Path(run.dir).parents[2]


def rows_in(records: Iterable[Path]) -> Iterator[Row]:
    """All rows of their history that can be read."""
    for file in records:
        for message in read_records(file)[0]:
            if message.WhichOneof("record_type") == "history":
                yield row_of(message.history)


def has(name: str, records: Iterable[Path]) -> bool:
    """Whether some row has a value of this name, which for a picture has parts: ``name.path``."""
    return any(key.partition(".")[0] == name for row in rows_in(records) for key in row)


def lacking(records: Iterable[Path], rows: Sequence[Row]) -> list[Row]:
    """Those of the rows of metrics.csv that no record has."""
    recorded = {row["epoch"] for row in rows_in(records) if is_epoch(row)}
    return [row for row in rows if row["epoch"] not in recorded]


def settle(file: Path) -> None:
    """Return once a record has its end, or nobody writes to it any more.

    W&B's own process may write the last messages after the run's process has ended.
    """
    end = time.monotonic() + _SETTLED_SECONDS
    while time.time() - file.stat().st_mtime < _SETTLED_SECONDS and time.monotonic() < end:
        if any(message.WhichOneof("record_type") == "exit" for message in read_records(file)[0]):
            return
        time.sleep(_PAUSE)


def set_empty_aside(records: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Rename the folders of records that hold nothing, which W&B could not read.

    Returns the other records, and the renamed folders.
    """
    kept, aside = [], []
    for file in records:
        if any(message.WhichOneof("record_type") == "run" for message in read_records(file)[0]):
            kept.append(file)
        else:
            folder = file.parent
            aside.append(folder.rename(folder.with_name(f"{_ASIDE}{folder.name}")))
    return kept, aside
