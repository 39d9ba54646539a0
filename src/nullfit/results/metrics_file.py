"""metrics.csv: one row for each epoch, readable while the run goes on."""

import csv
import io
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from nullfit.results.result import METRICS
from nullfit.system.files import no_link, storing, sync, write_text

Row = dict[str, float | int]


class MetricsFile:
    """Appends rows to metrics.csv, the first column of which is ``epoch``.

    While a run goes on the file is for people: a power cut may take its last rows. A resumed run
    writes it anew with the rows that its checkpoint holds.
    """

    def __init__(self, folder: Path, columns: list[str]) -> None:
        self.path = folder / METRICS
        self.columns = columns

    def begin(self, rows: Sequence[Row]) -> None:
        """Start the file with the rows of the epochs that a resumed run need not repeat."""
        text = io.StringIO()
        writer = csv.DictWriter(text, self.columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_text(self.path, text.getvalue())

    def append(self, row: Row) -> None:
        """Add one epoch. What it lacks stays empty."""
        with (
            storing(self.path),
            open(self.path, "a", encoding="utf-8", newline="", opener=no_link) as end,
        ):
            csv.DictWriter(end, self.columns, restval="", lineterminator="\n").writerow(row)

    def finish(self) -> None:
        """Return once all rows are on the disk."""
        with storing(self.path):
            sync(self.path)


def read_metrics(folder: Path) -> list[Row]:
    """The rows of metrics.csv, without one that was not written to its end; none without a file."""
    text = ""
    with suppress(FileNotFoundError):
        text = (folder / METRICS).read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    return [
        {name: _number(value) for name, value in row.items() if value}
        for row in csv.DictReader(io.StringIO(whole))
    ]


def _number(text: str) -> float | int:
    return int(text) if re.fullmatch(r"\d+", text) else float(text)
