"""The features of a table with their statistics and p-values, for the terminal and as a file."""

from collections.abc import Iterator

import numpy as np
import pandas
from rich.table import Table

from nullfit.tasks.permutation.findings import Findings

_MOST_ROWS = 40
_HEADINGS = {"p_value": "p", "p_bh": "Benjamini–Hochberg", "p_holm": "Holm", "p_max_t": "max-T"}
_LEVEL = 0.05


def feature_table(found: Findings, statistic: str) -> Table:
    """A row for each feature, the smallest p first; what is significant at 0.05 is marked."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("feature")
    for heading in (statistic, "median of null", *_shown(found).values()):
        table.add_column(heading, justify="right")
    for row in _rows(found):
        table.add_row(*row)
    notes = [f"* significant at {_LEVEL} by {_HEADINGS[found.familywise]}"]
    left = len(found.names) - _MOST_ROWS
    if left > 0:
        notes.append(f"{left} more in features.csv")
    table.caption = "; ".join(notes)
    return table


def feature_values(found: Findings) -> pandas.DataFrame:
    """A row for each feature in the order of the columns, as numbers."""
    return pandas.DataFrame(
        {
            "feature": found.names,
            "statistic": found.statistic,
            "null_median": np.median(found.null_statistic, axis=0),
            **{name: found.p[name] for name in _shown(found)},
        }
    )


def _shown(found: Findings) -> dict[str, str]:
    return {name: heading for name, heading in _HEADINGS.items() if name in found.p}


def _rows(found: Findings) -> Iterator[list[str]]:
    order = np.lexsort((-found.statistic, found.p["p_value"]))[:_MOST_ROWS]
    medians = np.median(found.null_statistic, axis=0)
    for number in order:
        mark = " *" if found.p[found.familywise][number] <= _LEVEL else ""
        yield [
            found.names[number] + mark,
            f"{found.statistic[number]:.3g}",
            f"{medians[number]:.3g}",
            *(f"{found.p[name][number]:.3g}" for name in _shown(found)),
        ]
