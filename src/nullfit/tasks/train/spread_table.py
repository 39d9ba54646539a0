"""The table of what each part of the randomness does to accuracies."""

from collections.abc import Sequence

import pandas

from nullfit.charts.appearance import network_words
from nullfit.results.formats import points
from nullfit.results.settings import Setting
from nullfit.results.spread_by_part import PARTS, spread_by_part

_ACCURACIES = {"train/accuracy": "train", "test/accuracy": "test"}
_NAMES = ["network", "corruption", "data", "accuracy"]


def spread_table(settings: Sequence[Setting]) -> pandas.DataFrame:
    """Standard deviations by part, as fractions, with their degrees of freedom.

    A row for each accuracy of a setting whose runs tell of a part; empty where none does.
    """
    rows = []
    for setting in settings:
        names = [network_words(setting.network), setting.label, setting.data]
        for metric, accuracy in _ACCURACIES.items():
            found = spread_by_part(setting.finite, metric)
            if found:
                sds = {f"{part} sd": spread.sd for part, spread in found.items()}
                degrees = {f"{part} degrees": spread.degrees for part, spread in found.items()}
                rows.append(
                    {**dict(zip(_NAMES, [*names, accuracy], strict=True)), **sds, **degrees}
                )
    return pandas.DataFrame(rows)


def readable_spreads(table: pandas.DataFrame) -> pandas.DataFrame:
    """The same for people: points, with the degrees of freedom in brackets."""
    shown = table[_NAMES].copy()
    for part in PARTS:
        if f"{part} sd" in table:
            pairs = zip(table[f"{part} sd"], table[f"{part} degrees"], strict=True)
            shown[f"by {part}"] = [
                "–" if pandas.isna(sd) else f"± {points(sd)} ({degrees:.0f})"
                for sd, degrees in pairs
            ]
    return shown
