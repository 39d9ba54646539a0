"""The features of a table with their statistics and p-values, for the terminal."""

from collections.abc import Iterator

import numpy as np
from rich.table import Table

from nullfit.permutation.findings import Findings

_MOST_ROWS = 40
_HEADINGS = {"p_value": "p", "p_bh": "Benjamini–Hochberg", "p_holm": "Holm", "p_max_t": "max-T"}
_LEVEL = 0.05


def feature_table(found: Findings, statistic: str) -> Table:
    """A row for each feature, the smallest p first; significant ones (0.05, max-T) are marked."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("feature")
    for heading in (statistic, "median of null", *_HEADINGS.values()):
        table.add_column(heading, justify="right")
    for row in _rows(found):
        table.add_row(*row)
    left = len(found.names) - _MOST_ROWS
    if left > 0:
        table.caption = f"{left} more in arrays.npz"
    return table


def _rows(found: Findings) -> Iterator[list[str]]:
    order = np.lexsort((-found.statistic, found.p["p_value"]))[:_MOST_ROWS]
    medians = np.median(found.null_statistic, axis=0)
    for number in order:
        mark = " *" if found.p["p_max_t"][number] <= _LEVEL else ""
        yield [
            found.names[number] + mark,
            f"{found.statistic[number]:.3g}",
            f"{medians[number]:.3g}",
            *(f"{found.p[name][number]:.3g}" for name in _HEADINGS),
        ]
