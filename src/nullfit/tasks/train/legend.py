"""The legend of a study's trainings: one look for each kind of data, in every figure."""

from collections.abc import Iterable

from nullfit.charts.appearance import place
from nullfit.charts.figure import Series, corruption_series
from nullfit.results.settings import Setting

Legend = dict[str, Series]


def legend_of(settings: Iterable[Setting]) -> Legend:
    """The entries by label, true labels first and mild corruptions before strong ones."""
    ordered = sorted(settings, key=lambda s: (place(s.corruption), s.level or 0.0, s.label))
    series = corruption_series((setting.corruption, setting.label) for setting in ordered)
    return {entry.label: entry for entry in series}
