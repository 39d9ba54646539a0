"""Type-I error and power of permutation tests over the situations of a calibration."""

import altair as alt
import pandas

from nullfit.charts.appearance import INK
from nullfit.charts.figure import Figure, Panel
from nullfit.charts.marks import layered
from nullfit.tasks.permutation.calibration.methods import IMPORTANCE, LINEAR
from nullfit.tasks.permutation.calibration.rates import LEVEL

_ABOUT = {
    "relevance": "Tests of relevance",
    "nonlinearity": "Tests of non-linearity",
    "familywise": "Families: tests of all inputs, none of which is active, together",
}
_ROW = 1.1  # lines
_OTHERS = (LINEAR.null, IMPORTANCE.null)  # of one statistic each, whose name tells the test
# Rates at which a cell is white and darkest, and its dark end.
_ERRORS, _POWER = ((LEVEL, 0.3), "#B33A00"), ((0.0, 1.0), "#08306B")


def panels(rates: pandas.DataFrame) -> list[tuple[str, pandas.DataFrame]]:
    """What is drawn: a title and a row for each situation and test.

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
        (f"{adjustment}: errors" if adjustment else "type-I errors", own)
        for adjustment, own in errors.loc[worst].groupby("adjustment", sort=False)
    ]
    power = power[power.weight_decay == power.weight_decay.min()]
    cells = power.groupby(["regime", "samples"], sort=False).situation.nunique()
    for regime, samples in cells.index[cells == cells.max()]:
        own = power[(power.regime == regime) & (power.samples == samples)]
        own = own.drop_duplicates(["situation", "statistic", "null"])
        drawn.append((f"power, {regime.replace('_', ' ')}, n = {samples}", own))
    return drawn


def calibration(rates: pandas.DataFrame) -> Figure:
    """Rejection rates at 0.05 of one kind of test (`panels`): situations by tests.

    Framed are errors whose exact 95% interval lies above 0.05.
    """
    rates = rates.reset_index(drop=True)
    note = (
        f"{_ABOUT[rates.kind.iloc[0]]}. Per cent of {rates.data_sets.max()} data sets with "
        f"p ≤ {LEVEL}; of errors in the worst cell of a situation. Framed: the exact 95% interval "
        f"of an error lies above {LEVEL}, as a few do by chance."
    )
    return Figure([_panel(f"{title} (%)", own) for title, own in panels(rates)], note)


def _panel(title: str, own: pandas.DataFrame) -> Panel:
    frame = _cells(own)
    tests, situations = list(dict.fromkeys(frame["test"])), list(dict.fromkeys(frame["situation"]))
    x = alt.X("test:N", sort=tests, title=None, axis=alt.Axis(labelAngle=-45))
    y = alt.Y("situation:N", sort=situations, title=None)
    error = own.truth.iloc[0] == "no effect"
    domain, dark = _ERRORS if error else _POWER
    shades = alt.Scale(domain=list(domain), range=["#FFFFFF", dark], clamp=True, interpolate="rgb")
    tooltip = [alt.Tooltip(f"{name}:Q", format=".1%") for name in ("rate", "low", "high")]
    cells = alt.Chart(frame).mark_rect().encode(
        x=x, y=y, color=alt.Color("rate:Q", scale=shades, legend=None),
        tooltip=["situation:N", "test:N", *tooltip, "samples:Q", "training:N", "input:N"],
    )  # fmt: skip
    numbers = alt.Chart(frame).mark_text(fontSize=10).encode(
        x=x, y=y, text="percent:N",
        color=alt.condition("datum.dark", alt.value("white"), alt.value(INK)),
    )  # fmt: skip
    layers = [cells, numbers]
    above = frame[frame["above"]].reset_index(drop=True)
    if len(above):
        framed = alt.Chart(above).mark_rect(fillOpacity=0, stroke=INK, strokeWidth=1.2)
        layers.append(framed.encode(x=x, y=y))
    return Panel(title, layered(*layers), lines=_ROW * len(situations))


def _cells(own: pandas.DataFrame) -> pandas.DataFrame:
    error = own.truth == "no effect"
    middle = error.map({True: sum(_ERRORS[0]) / 2, False: sum(_POWER[0]) / 2})
    named = own.statistic + " × " + own.null.str.replace("_", " ")
    return pandas.DataFrame(
        {
            "situation": own.situation.str.replace("_", " "),
            "test": named.where(~own.null.isin(_OTHERS), own.statistic),
            "rate": own.rate,
            "low": own.low,
            "high": own.high,
            "percent": own.rate.map(_percent),
            "dark": own.rate > middle,
            "above": error & (own.low > LEVEL),
            "samples": own.samples,
            "training": own.regime.str.replace("_", " "),
            "input": own.input,
        }
    ).reset_index(drop=True)


def _percent(rate: float) -> str:
    percent = 100 * rate
    return f"{percent:.1f}" if percent < 9.95 else f"{percent:.0f}"
