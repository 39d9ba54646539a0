"""Type-I error and power of permutation tests over the situations of a calibration."""

from typing import Any

import pandas
from matplotlib.figure import Figure

from nullfit.charts.style import FAINT, INK, applied, new_figure

LEVEL = 0.05
# Colour of the null, marker of the statistic.
COLORS = {
    "labels": "#D55E00",
    "feature": "#E69F00",
    "conditional": "#0072B2",
    "conditional_linear": "#56B4E9",
    "freedman_lane": "#0072B2",
    "linear model": "#000000",
    "scikit-learn": "#7F7F7F",
}
_MARKERS = {"squared": "o", "share": "s", "variance": "D"}


def panels(rates: pandas.DataFrame) -> list[tuple[str, pandas.DataFrame]]:
    """What is drawn side by side: a title and a row for each situation and test.

    First the largest type-I error among the cells of each situation: a test is no better in the
    picture than in its worst cell; of families by each adjustment. Then the power, for each way of
    training and sample size that all situations have, without weight decay where there are cells
    without.
    """
    errors, power = rates[rates.truth == "no effect"], rates[rates.truth == "effect"]
    worst = errors.groupby(
        ["adjustment", "situation", "statistic", "null"], sort=False
    ).rate.idxmax()
    drawn = [
        (f"family-wise error,\n{adjustment}" if adjustment else "type-I error", own)
        for adjustment, own in errors.loc[worst].groupby("adjustment", sort=False)
    ]
    power = power[power.weight_decay == power.weight_decay.min()]
    cells = power.groupby(["regime", "samples"], sort=False).situation.nunique()
    for regime, samples in cells.index[cells == cells.max()]:
        own = power[(power.regime == regime) & (power.samples == samples)]
        own = own.drop_duplicates(["situation", "statistic", "null"])
        drawn.append((f"power, {regime.replace('_', ' ')}\nn = {samples}", own))
    return drawn


def largest(rates: pandas.DataFrame) -> float:
    """The end of the axis of rates: 1 where there is power, else a little above the errors."""
    return 1.03 if (rates.truth == "effect").any() else 1.1 * float(rates.high.max())


def draw_calibration(rates: pandas.DataFrame) -> Figure:
    """Rejection rates at 0.05 of one kind of test (`panels`), with exact 95% intervals."""
    rates = rates.reset_index(drop=True)
    situations = list(dict.fromkeys(rates.situation))
    tests = list(dict.fromkeys(zip(rates.statistic, rates.null, strict=True)))
    drawn = panels(rates)
    note = (
        f"{rates.kind.iloc[0]}, {rates.data_sets.max()} data sets a cell, exact 95% intervals, "
        "type-I error of the worst cell"
    )
    with applied():
        figure = new_figure(0.9 + (0.12 + 0.04 * len(tests)) * len(situations), note)
        axes = figure.subplots(1, len(drawn), sharey=True, squeeze=False)[0]
        for axis, (title, own) in zip(axes, drawn, strict=True):
            _panel(axis, own, situations, tests)
            axis.set_xlim(-0.03 * largest(rates), largest(rates))
            axis.set_title(title, fontsize=7)
        axes[0].set_yticks(range(len(situations)), [s.replace("_", " ") for s in situations])
        axes[0].set_ylim(len(situations) - 0.5, -0.5)
        handles, labels = _without_repeats(axes)
        figure.legend(handles, labels, loc="outside upper center", ncols=3, fontsize=6.5)
    return figure


def _panel(
    axis: Any, rates: pandas.DataFrame, situations: list[str], tests: list[tuple[str, str]]
) -> None:
    for number, (statistic, null) in enumerate(tests):
        own = rates[(rates.statistic == statistic) & (rates.null == null)]
        shift = 0.78 * ((number + 0.5) / len(tests) - 0.5)
        axis.errorbar(
            own.rate,
            [situations.index(name) + shift for name in own.situation],
            xerr=[own.rate - own.low, own.high - own.rate],
            fmt=_MARKERS.get(statistic, "x"),
            color=COLORS.get(null, INK),
            markersize=2.8,
            markeredgewidth=0.0 if statistic in _MARKERS else 0.8,
            elinewidth=0.6,
            label=f"{statistic}, {null.replace('_', ' ')}",
        )
    axis.axvline(LEVEL, color=FAINT, linewidth=0.7, linestyle=(0, (4, 2)), zorder=0)
    for edge in range(1, len(situations)):
        axis.axhline(edge - 0.5, color="#e3e3e3", linewidth=0.4, zorder=0)
    axis.tick_params(axis="y", length=0)


def _without_repeats(axes: Any) -> tuple[list[Any], list[str]]:
    found: dict[str, Any] = {}
    for axis in axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    return list(found.values()), list(found)
