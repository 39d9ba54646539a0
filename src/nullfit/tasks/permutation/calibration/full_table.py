"""All rejection rates of a calibration as text: a row for each cell, a column for each test."""

import pandas

from nullfit.results import formats
from nullfit.tasks.permutation.calibration.rates import test_name

_ROW = ["situation", "samples", "regime", "weight_decay", "input"]
_HEADINGS = {
    ("relevance", "no effect"): "Relevance, type-I error (the input is not active)",
    ("relevance", "effect"): "Relevance, power (the input is active)",
    (
        "nonlinearity",
        "no effect",
    ): "Non-linearity, type-I error (the input is linear or not active)",
    ("nonlinearity", "effect"): "Non-linearity, power (the input acts otherwise)",
    ("familywise", "no effect"): "Family-wise error (no input is active, any is rejected)",
}


def full_tables(rates: pandas.DataFrame) -> dict[str, pandas.DataFrame]:
    """By heading, the rates with their intervals; "broken" where the interval lies above 0.05."""
    tables = {}
    for (kind, truth), heading in _HEADINGS.items():
        own = rates[(rates.kind == kind) & (rates.truth == truth)]
        if own.empty:
            continue
        named = own.assign(test=own.apply(test_name, axis=1), cell=own.apply(_cell, axis=1))
        tests = list(dict.fromkeys(named.test))
        wide = named.pivot_table("cell", _ROW, "test", aggfunc="first", sort=False)
        tables[heading] = wide[tests].fillna("–").reset_index()
    return tables


def markdown(tables: dict[str, pandas.DataFrame]) -> str:
    """The tables with their headings; what is broken stands out."""
    parts = []
    for heading, table in tables.items():
        shown = table.astype(str).replace(r"^(.*) broken$", r"**\1 ✗**", regex=True)
        parts.append(f"### {heading}\n\n{formats.markdown(shown)}")
    return "\n".join(parts)


def _cell(row: pandas.Series) -> str:
    rate = f"{row.rate:.3f} ({row.low:.2f}–{row.high:.2f})"
    return f"{rate} broken" if row.truth == "no effect" and not row.holds else rate
