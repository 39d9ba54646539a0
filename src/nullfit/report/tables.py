"""The tables of a report as CSV (numbers), Markdown and LaTeX (for people)."""

from pathlib import Path

import pandas

from nullfit.files import write_text
from nullfit.results.formats import csv_text, latex, markdown, short


def write_table_files(
    folder: Path, name: str, numbers: pandas.DataFrame, shown: pandas.DataFrame
) -> list[Path]:
    """Write ``<name>.csv`` from ``numbers``, ``.md`` and ``.tex`` from the texts in ``shown``."""
    texts = {
        ".csv": csv_text(numbers),
        ".md": markdown(shown),
        ".tex": latex(shown),
    }
    for suffix, text in texts.items():
        write_text(folder / f"{name}{suffix}", text)
    return [folder / f"{name}{suffix}" for suffix in texts]


def as_text(table: pandas.DataFrame) -> pandas.DataFrame:
    """Numbers with four digits, nothing where there is no value."""
    return table.map(_text)


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and pandas.isna(value)):
        return "–"
    return short(value) if isinstance(value, float) else str(value)
