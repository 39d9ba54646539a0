"""The tables that a calibration writes beside its result."""

import io
from pathlib import Path

import pandas

from nullfit.errors import UserError
from nullfit.system.files import appearing, write_text
from nullfit.system.reading import METRICS_BYTES, read_regular
from nullfit.tasks.permutation.calibration.full_table import full_tables, markdown

_RATES, _VERDICTS, _FULL = "rates.csv", "verdicts.csv", "rates.md"


def write_tables(folder: Path, rates: pandas.DataFrame, verdicts: pandas.DataFrame) -> list[Path]:
    """Write rates.csv, verdicts.csv, and the rates as tables to read in rates.md."""
    for name, table in ((_RATES, rates), (_VERDICTS, verdicts)):
        with appearing(folder / name) as temporary:
            table.to_csv(temporary, index=False)
    write_text(folder / _FULL, markdown(full_tables(rates)))
    return [folder / name for name in (_RATES, _VERDICTS, _FULL)]


def read_rates(folder: Path) -> pandas.DataFrame:
    """The rejection rates of a finished calibration."""
    return _read(folder / _RATES)


def read_verdicts(folder: Path) -> pandas.DataFrame:
    """The verdicts of a finished calibration."""
    return _read(folder / _VERDICTS)


def _read(path: Path) -> pandas.DataFrame:
    """A table with the column that those of an earlier version lack: they tell of single inputs.

    Raises:
        UserError: it is missing or damaged.
    """
    try:
        content = read_regular(path, METRICS_BYTES)
        table = pandas.read_csv(io.BytesIO(content), dtype={"adjustment": str})
    except (OSError, ValueError, OverflowError) as error:
        what = str(error).strip().partition("\n")[0]
        raise UserError(f"{path} cannot be read: {what}.") from error
    adjusted = table.get("adjustment", pandas.Series("", index=table.index))
    return table.assign(adjustment=adjusted.fillna(""))
