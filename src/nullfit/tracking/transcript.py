"""One record of a run in Weights & Biases, made from those of all processes that worked on it.

Each process that goes on with a run begins a record of its own, in which W&B counts steps and time
from 0 again. The transcript puts them behind each other, each row once. Rows are only ever added
to the records, so that the rows which a server has are always the first ones of the transcript.
"""

import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nullfit.system.reading import is_regular
from nullfit.tracking.own_messages import is_own
from nullfit.tracking.record_file import Record, RecordWriter, read_records

Row = dict[str, Any]

# W&B's own columns, which every row has.
_STEP, _RUNTIME, _TIME = "_step", "_runtime", "_timestamp"
# Messages about a process rather than the run: those of the last one count.
_OF_A_PROCESS = {"header", "run", "environment", "exit", "final", "footer"}


def row_of(history: Any) -> Row:
    """A row of a run's history by the names of its values."""
    return {name_of(item): json.loads(item.value_json) for item in history.item}


def name_of(item: Any) -> str:
    """The name of a value in a row or a summary."""
    return ".".join(item.nested_key) or str(item.key)


def is_epoch(row: Row) -> bool:
    """Whether it is a row of metrics.csv: W&B itself adds the epoch to other rows."""
    return "epoch" in row and "step" in row


def _repeatable(row: Row) -> tuple[Any, ...] | None:
    """What a process that repeats a part of a run would write again: an epoch, values of a step."""
    if is_epoch(row):
        return ("epoch", row["epoch"])
    return (*sorted(row.keys() - {_RUNTIME, _TIME, _STEP}), row["step"]) if "step" in row else None


class Transcript:
    """Writes the transcript of ``parts``, records of one run in their order, into a folder.

    A row that an earlier part has is left out. Of the others, which are numbered from 0, those from
    number ``first`` on are written. The last part may still grow.

    Raises (all methods):
        ValueError: a record names files that are none of the run's.
    """

    def __init__(self, parts: Sequence[Path], folder: Path, first: int) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "files").mkdir(parents=True)
        self.parts, self.folder, self.first = parts, folder, first
        self.file = folder / parts[-1].name
        self._writer = RecordWriter(self.file)
        self._place = 0  # in the last part
        self._rows = 0
        self._runtime = self._before = 0.0  # of the last row, and of the last one of earlier parts
        self._known: set[tuple[Any, ...]] = set()  # rows of earlier parts
        self._new: set[tuple[Any, ...]] = set()  # rows of this one
        self._has_run = self._summarized = False

    def copy(self) -> bool:
        """Write what there is by now; whether that is all, by what the last part says."""
        records, self._place = read_records(self.parts[-1], self._place)
        self._link_files()
        ended = False
        for record in records:
            self._copy(record)
            kind = record.WhichOneof("record_type")
            ended |= kind == "exit"
            if kind == "run" and not self._has_run:
                self._has_run = True
                self._copy_earlier()
        return ended

    def close(self) -> None:
        """End the transcript, also that of a run whose last process did not come to its end."""
        if not self._summarized:
            self._summarize()
        self._writer.close()

    def _copy_earlier(self) -> None:
        """The other parts, which come behind the beginning of the last one: it names the run."""
        for part in self.parts[:-1]:
            for record in read_records(part)[0]:
                if record.WhichOneof("record_type") not in _OF_A_PROCESS:
                    self._copy(record)
            self._before = self._runtime
            self._known |= self._new

    def _copy(self, record: Record) -> None:
        if not is_own(record, self.folder.parent):
            return
        kind = record.WhichOneof("record_type")
        if kind == "history" and not self._counted(record.history):
            return
        if kind == "summary":
            _leave_out(record.summary, (_STEP, _RUNTIME))  # they come last
        if kind == "exit":
            self._summarize()
        self._writer.write(record)

    def _counted(self, history: Any) -> bool:
        """Give a row its number and time; whether it is to be written."""
        row = row_of(history)
        what = _repeatable(row)
        if what in self._known:
            return False
        if what is not None:
            self._new.add(what)
        # Time that training took counts where the record of it was lost.
        trained = float(row.get("seconds", 0)) if is_epoch(row) else 0.0
        self._runtime = max(self._runtime, self._before + row.get(_RUNTIME, 0.0), trained)
        values = {_STEP: self._rows, _RUNTIME: self._runtime}
        for item in history.item:
            if (name := name_of(item)) in values:
                item.value_json = json.dumps(values[name])
        history.step.num = self._rows
        self._rows += 1
        return self._rows > self.first

    def _summarize(self) -> None:
        """Number and time of the last row."""
        from wandb.proto import wandb_internal_pb2 as messages  # noqa: PLC0415

        self._summarized = True
        if self._rows:
            record = messages.Record()  # type: ignore[attr-defined]
            for name, value in {_STEP: self._rows - 1, _RUNTIME: self._runtime}.items():
                record.summary.update.add(nested_key=[name], value_json=json.dumps(value))
            self._writer.write(record)

    def _link_files(self) -> None:
        """Pictures and tables lie beside a record."""
        for part in self.parts:
            source = part.parent / "files"
            if source.is_symlink():
                continue
            for path in filter(is_regular, source.rglob("*")):
                target = self.folder / "files" / path.relative_to(source)
                if not target.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    _link(path, target)


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:  # a file system without links
        with suppress(OSError):
            shutil.copy2(path, target)


def _leave_out(summary: Any, names: Sequence[str]) -> None:
    for index in reversed(range(len(summary.update))):
        if name_of(summary.update[index]) in names:
            del summary.update[index]
