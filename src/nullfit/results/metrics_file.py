"""metrics.csv: one row for each epoch, readable while the run goes on."""

import csv
import io
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from nullfit.errors import UserError
from nullfit.results.result import METRICS
from nullfit.system.files import no_link, storing, sync, write_text
from nullfit.system.reading import METRICS_BYTES, read_regular

if TYPE_CHECKING:
    import pandas

_MOST_COLUMNS = 1000

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
    """The rows of metrics.csv, without one that was not written to its end; none without a file.

    Raises:
        ValueError: it is no table of numbers.
    """
    text = ""
    with suppress(FileNotFoundError):
        text = metrics_text(folder)
    whole = text[: text.rfind("\n") + 1]
    return [
        {name: _number(value) for name, value in row.items() if value}
        for row in csv.DictReader(io.StringIO(whole))
    ]


def metrics_text(folder: Path) -> str:
    """The content of metrics.csv.

    Raises:
        FileNotFoundError: there is none.
        UserError: it has more columns than any run writes, or cannot be read.
    """
    path = folder / METRICS
    text = read_regular(path, METRICS_BYTES).decode(errors="replace")
    if text.partition("\n")[0].count(",") >= _MOST_COLUMNS:
        raise UserError(f"{path} cannot be read: it has more than {_MOST_COLUMNS:,} columns.")
    return text


def metrics_table(folder: Path, *counted: str) -> "pandas.DataFrame":
    """metrics.csv as a table of numbers, with columns that count rows, such as the epoch.

    Raises:
        UserError: it is missing or damaged.
    """
    import pandas  # noqa: PLC0415  (a training that shows its progress must not pay for it)

    try:
        frame = pandas.read_csv(io.StringIO(metrics_text(folder)))
        if not set(counted) <= set(frame) or frame.select_dtypes(exclude="number").size:
            raise ValueError(f"it is no table of numbers by {counted[0]}")
    except UserError:
        raise
    except (OSError, ValueError, OverflowError) as error:  # pandas' own errors are ValueErrors
        reason = error.strerror if isinstance(error, OSError) else str(error).strip()
        what = str(reason).partition("\n")[0]
        raise UserError(f"{folder / METRICS} cannot be read: {what}.") from error
    return frame


def _number(text: str) -> float | int:
    return int(text) if re.fullmatch(r"\d{1,18}", text) else float(text)
