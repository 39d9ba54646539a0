"""metrics.csv: one row for each epoch, readable while the run goes on."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from nullfit.files import write_text

METRICS = "metrics.csv"

Row = dict[str, float | int]


class MetricsFile:
    """Appends rows to metrics.csv, the first column of which is ``epoch``."""

    def __init__(self, folder: Path, columns: list[str]) -> None:
        self.path = folder / METRICS
        self.columns = columns

    def begin(self, completed_epochs: int) -> None:
        """Start the file, or keep the rows of the epochs that a resumed run need not repeat."""
        kept = []
        if completed_epochs and self.path.is_file():
            with self.path.open(encoding="utf-8", newline="") as lines:
                kept = [row for row in csv.DictReader(lines) if _epoch(row) <= completed_epochs]
        text = io.StringIO()
        writer = csv.DictWriter(text, self.columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({c: row.get(c, "") for c in self.columns} for row in kept)
        write_text(self.path, text.getvalue())

    def append(self, row: Row) -> None:
        """Add one epoch. What it lacks stays empty."""
        with self.path.open("a", encoding="utf-8", newline="") as end:
            csv.DictWriter(end, self.columns, restval="", lineterminator="\n").writerow(row)


def _epoch(row: Mapping[str, str]) -> int:
    try:
        return int(row["epoch"])
    except (KeyError, ValueError):  # a line that was cut off
        return 2**63
