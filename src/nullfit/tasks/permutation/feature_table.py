"""The features of a table with their statistics and p-values, for the terminal and as a file."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pandas
from rich.table import Table

from nullfit.tasks.permutation.findings import Findings

_MOST_ROWS = 40
_HEADINGS = {"p_value": "p", "p_bh": "Benjamini–Hochberg", "p_holm": "Holm", "p_max_t": "max-T"}
_LEVEL = 0.05


def feature_table(
    found: Findings, statistic: str, same_inputs: Sequence[Sequence[str]] = ()
) -> Table:
    """A row for each feature, the smallest p first; what is significant at 0.05 is marked.

    So are features of ``same_inputs``, groups that tell each other completely.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("feature")
    for heading in (statistic, "median of null", *_shown(found).values()):
        table.add_column(heading, justify="right")
    rows = list(_rows(found, {name for names in same_inputs for name in names}))
    for row in rows:
        table.add_row(*row)
    how = f"significant at {_LEVEL} by {_HEADINGS[found.familywise]}"
    marked = any(row[0].endswith(" *") for row in rows)
    notes = [f"* {how}" if marked else f"none is {how}"]
    left = len(found.names) - _MOST_ROWS
    if left > 0:
        notes.append(f"{left} more in features.csv")
    table.caption = "; ".join(notes)
    return table


def feature_values(found: Findings, same_inputs: Sequence[Sequence[str]] = ()) -> pandas.DataFrame:
    """A row for each feature in the order of the columns, as numbers.

    ``same_as`` names those that tell it completely; there is none where no feature has such.
    """
    others = {
        name: "; ".join(other for other in names if other != name)
        for names in same_inputs
        for name in names
    }
    frame = pandas.DataFrame(
        {
            "feature": found.names,
            "statistic": found.statistic,
            "null_median": np.median(found.null_statistic, axis=0),
            **{name: found.p[name] for name in _shown(found)},
        }
    )
    return frame.assign(same_as=[others.get(name) for name in found.names]) if others else frame


def _shown(found: Findings) -> dict[str, str]:
    return {name: heading for name, heading in _HEADINGS.items() if name in found.p}


def _rows(found: Findings, same: Collection[str]) -> Iterator[list[str]]:
    order = np.lexsort((-found.statistic, found.p["p_value"]))[:_MOST_ROWS]
    medians = np.median(found.null_statistic, axis=0)
    for number in order:
        mark = " *" if found.p[found.familywise][number] <= _LEVEL else ""
        yield [
            found.names[number] + (" †" if found.names[number] in same else "") + mark,
            f"{found.statistic[number]:.3g}",
            f"{medians[number]:.3g}",
            *(f"{found.p[name][number]:.3g}" for name in _shown(found)),
        ]
