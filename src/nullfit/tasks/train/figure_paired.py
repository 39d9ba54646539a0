"""Differences of settings seed by seed, with their intervals."""

from collections.abc import Sequence

import altair as alt
import pandas

from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import dots, layered, level
from nullfit.results.paired import Comparisons, Paired, other_name, setting_name
from nullfit.results.settings import Setting
from nullfit.tasks.train.legend import Legend

_MEASURE = "test accuracy"


def paired_differences(
    found: Comparisons, legend: Legend, settings: Sequence[Setting], note: str
) -> Figure:
    """A row for each comparison over two seeds or more, in the look of its setting's corruption.

    A marker is the mean difference of test accuracies, its bar the interval; grey: no difference.
    Differences from references, such as true labels, may be many times those by one key: each kind
    has an axis of its own.
    """
    drawn = [paired for paired in found.made if paired.pairs > 1]
    kinds = {
        "test accuracy less that of the reference": [p for p in drawn if p.key is None],
        "test accuracies of settings that differ in one key": [p for p in drawn if p.key],
    }
    labels = {paired.setting.label for paired in drawn}
    series = [entry for label, entry in legend.items() if label in labels]
    panels = [
        _panel(title, members, series, settings) for title, members in kinds.items() if members
    ]
    return Figure(panels, note, series, columns=1)


def _panel(
    title: str, drawn: Sequence[Paired], series: Sequence[Series], settings: Sequence[Setting]
) -> Panel:
    numbers = {entry.label: number for number, entry in enumerate(series)}
    frame = pandas.DataFrame([
        {
            "series": numbers[paired.setting.label],
            "group": f"{setting_name(paired.setting, settings)}, "
            f"less {other_name(paired, settings)}",
            "mean": difference.mean, "low": difference.low, "high": difference.high,
            "pairs": difference.n,
        }
        for paired in drawn
        for difference in [paired.differences[_MEASURE]]
    ])  # fmt: skip
    x = alt.X("mean:Q", title=None, axis=alt.Axis(format=".12~%", grid=True))
    tooltip = [alt.Tooltip(f"{name}:Q", format="+.2%") for name in ("mean", "low", "high")]
    chart, lines = dots(frame, x, series, tooltip=[*tooltip, alt.Tooltip("pairs:Q")])
    return Panel(title, layered(level([0.0], "x"), chart), lines=lines)
