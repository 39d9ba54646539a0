"""What a permutation test found: maps over pixels, null distributions, and columns of a table."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas
from jaxtyping import Bool, Float64
from numpy import ndarray

from nullfit.charts.appearance import FAINT, INK, Look
from nullfit.charts.axes import logarithmic
from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import by_series, layered, level, points
from nullfit.tasks.permutation.findings import Findings

_LEVEL = 0.05
_SQUARE = 1.2  # width by height of a panel whose plot, beside its scale, is about square
_TICKS = (1, 0.1, _LEVEL, 0.01, 0.001)
_BINS = 20
_MOST_ROWS = 30
_ROW = 1.5  # lines of a feature's row
_STATISTICS = {
    "squared": "mean squared derivative",
    "share": "share of the squared derivatives",
    "variance": "variance of the derivative",
}
_STRONG, _SIGNIFICANT = "#8C2D04", "#5A9BCB"  # the ends of scales that begin with white
_OUTLINE, _CLEAR = INK, "#FFFFFF"
_NULL = Series("null", Look("null", "#8DBBDD", (), "square"))
_OBSERVED = Series("observed", Look("observed", "#D55E00", (), "circle"))
_P = {
    "p_value": Look("p", INK, (), "circle"),
    "p_bh": Look("p, Benjamini–Hochberg", "#0072B2", (), "square"),
    "p_holm": Look("p, Holm", "#E69F00", (), "triangle_up"),
    "p_max_t": Look("p, max-T", "#009E73", (), "diamond"),
}

Map = Float64[ndarray, "h w"]


def maps(found: Findings, statistic: str, note: str) -> Figure:
    """The statistic and its p-values, pixel by pixel; what is significant at 0.05 is outlined.

    White is a statistic of 0 and a p of 1, on a logarithmic scale for p.
    """
    values = _pixels(found.arrays["statistic"])
    smallest = 1 / (len(found.null_statistic) + 1)
    largest = float(np.nanmax(values)) or 1.0
    strong = alt.Scale(domain=[0, largest], range=[_CLEAR, _STRONG], interpolate="rgb")
    small = alt.Scale(
        type="log", domain=[smallest, 1], range=[_SIGNIFICANT, _CLEAR], interpolate="rgb"
    )
    ticks = [p for p in _TICKS if p >= smallest]
    panels = [_map(_STATISTICS[statistic], values, strong)]
    for name in ("p_value", "p_bh", found.familywise):
        p = _pixels(found.arrays[name])
        panels.append(_map(_P[name].label, p, small, ticks, p <= _LEVEL))
    explanation = f"Outlined: p ≤ {_LEVEL}. White: p = 1; the darker, the smaller p."
    return Figure(panels, f"{note} {explanation}")


def null_distributions(
    found: Findings, features: Sequence[int], statistic: str, note: str
) -> Figure:
    """The observed statistic of some features, a line each, and the histogram of its null."""
    panels = [_distribution(found, number) for number in features]
    explanation = f"Of each feature: {_STATISTICS[statistic]}; bars count replicates."
    return Figure(panels, f"{note} {explanation}", (_NULL, _OBSERVED), columns=3)


def features(found: Findings, statistic: str, note: str) -> Figure:
    """The observed statistic with the middle 90% of its null, and p-values, a row each.

    The features with the smallest p come first; at most 30 are drawn.
    """
    order = np.lexsort((-found.statistic, found.p["p_value"]))[:_MOST_ROWS]
    names = [found.names[number] for number in order]
    looks = {name: look for name, look in _P.items() if name in found.p}
    series = [_NULL, _OBSERVED, *(Series(look.label, look) for look in looks.values())]
    y = alt.Y(
        "feature:N", sort=names, title=None, scale=alt.Scale(type="band", padding=0.3),
        axis=alt.Axis(labelLimit=140, grid=True, ticks=False, domain=False),
    )  # fmt: skip
    low, middle, high = np.quantile(found.null_statistic[:, order], [0.05, 0.5, 0.95], axis=0)
    null = pandas.DataFrame(
        {"series": 0, "feature": names, "median": middle, "low": low, "high": high}
    )
    observed = pandas.DataFrame({"series": 1, "feature": names, "value": found.statistic[order]})
    p = pandas.DataFrame(
        {"series": place, "feature": name, "p": value}
        for place, kind in enumerate(looks, start=2)
        for name, value in zip(names, found.p[kind][order].tolist(), strict=True)
    )
    lines = _ROW * len(names)
    return Figure(
        [
            Panel("statistic", _against_null(null, observed, y, series), lines=lines),
            Panel("p", _p_values(p, y, series), lines=lines),
        ],
        f"{note} Statistic: {_STATISTICS[statistic]}; bars are the middle 90% of its null, with "
        f"the median. Grey: p = {_LEVEL}.",
        series,
    )


def _pixels(values: Float64[ndarray, "c h w"]) -> Map:
    """The value of each pixel, which its channels share: they are one feature."""
    return values[0]  # type: ignore[no-any-return]


def _map(
    title: str,
    values: Map,
    shades: alt.Scale,
    ticks: Sequence[float | int] = (),
    outlined: Bool[ndarray, "h w"] | None = None,
) -> Panel:
    height, width = values.shape
    legend = alt.Legend(orient="right", direction="vertical", gradientLength=150, tickCount=4)
    if ticks:
        legend.values = list(ticks)
    frame = pandas.DataFrame(
        {"row": row, "column": column, "below": row + 1, "right": column + 1, "value": value}
        for (row, column), value in np.ndenumerate(values) if np.isfinite(value)
    )  # fmt: skip
    x, y = _across("column", width), _down("row", height)
    color = alt.Color("value:Q", title=None, scale=shades, legend=legend)
    tooltip = ["row:Q", "column:Q", alt.Tooltip("value:Q", title=title, format=".3~g")]
    cells = alt.Chart(frame).mark_rect()
    cells = cells.encode(x=x, x2="right", y=y, y2="below", color=color, tooltip=tooltip)
    edges = _edges(np.ones_like(values, dtype=bool))
    layers = [cells, _rules(edges, width, height).mark_rule(color=FAINT, strokeWidth=0.5)]
    if outlined is not None and outlined.any():
        drawn = _rules(_edges(outlined), width, height)
        layers.append(drawn.mark_rule(color=_OUTLINE, strokeWidth=1.5, strokeCap="square"))
    return Panel(title, layered(*layers), aspect=_SQUARE * width / height)


def _across(column: str, width: int) -> alt.X:
    return alt.X(f"{column}:Q", axis=None, scale=alt.Scale(domain=[0, width], nice=False))


def _down(column: str, height: int) -> alt.Y:
    return alt.Y(f"{column}:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False))


def _rules(edges: pandas.DataFrame, width: int, height: int) -> alt.Chart:
    chart: alt.Chart = alt.Chart(edges)
    return chart.encode(x=_across("left", width), x2="right", y=_down("top", height), y2="below")


def _edges(inside: Bool[ndarray, "h w"]) -> pandas.DataFrame:
    """Lines between pixels that are in and pixels that are out."""
    padded = np.pad(inside, 1)
    across, upright = padded[1:] != padded[:-1], padded[:, 1:] != padded[:, :-1]
    # Between the padded rows y and y + 1 lies line y of the image; padded column x is its x - 1.
    rows = [(x - 1, x, y, y) for y, x in np.argwhere(across).tolist()]
    rows += [(x, x, y - 1, y) for y, x in np.argwhere(upright).tolist()]
    return pandas.DataFrame(rows, columns=["left", "right", "top", "below"])


def _distribution(found: Findings, number: int) -> Panel:
    null, observed = found.null_statistic[:, number], float(found.statistic[number])
    edges = bins(null, observed)
    counts, _ = np.histogram(null, edges)
    columns = {"series": 0, "low": edges[:-1], "high": edges[1:], "replicates": counts, "none": 0}
    line = pandas.DataFrame({"series": [1], "observed": [observed], "replicates": [0]})
    at: dict[str, Any] = {
        "title": None,
        "scale": alt.Scale(domain=[float(edges[0]), float(edges[-1])], nice=False),
        "axis": alt.Axis(tickCount=3, format=".3~g"),
    }
    x, y = alt.X("observed:Q", **at), alt.Y("replicates:Q", title="replicates")
    series = (_NULL, _OBSERVED)
    ends = [alt.Tooltip(f"{name}:Q", format=".3~g") for name in ("low", "high")]
    bars = alt.Chart(pandas.DataFrame(columns)).mark_rect().encode(
        x=alt.X("low:Q", **at), x2="high", y=y, y2="none", tooltip=[*ends, "replicates:Q"],
        **by_series(series, "color"),
    )  # fmt: skip
    rule = alt.Chart(line).mark_rule(strokeWidth=2).encode(x=x, **by_series(series, "color"))
    tooltip = [alt.Tooltip("observed:Q", format=".3~g")]
    title = f"p = {found.p['p_value'][number]:.2g}, {found.names[number]}"
    return Panel(title, layered(bars, rule, points(line, x, y, series, tooltip=tooltip)))


def bins(null: Float64[ndarray, " b"], observed: float) -> Float64[ndarray, " edges"]:
    """Edges of the bars, wide enough to hold the observed value as well."""
    low, high = min(null.min(), observed), max(null.max(), observed)
    room = 0.04 * (high - low) or 0.5 * abs(observed) or 1.0
    return np.linspace(low - room, high + room, _BINS + 1)


def _against_null(
    null: pandas.DataFrame, observed: pandas.DataFrame, y: alt.Y, series: Sequence[Series]
) -> alt.LayerChart:
    x = alt.X("low:Q", title=None, axis=alt.Axis(tickCount=4))
    bars = alt.Chart(null).mark_rule(strokeWidth=6, opacity=0.5)
    name = alt.Tooltip("feature:N")
    ends = [alt.Tooltip(f"{end}:Q", format=".3~g") for end in ("median", "low", "high")]
    value = alt.Tooltip("value:Q", title="observed", format=".3~g")
    return layered(
        bars.encode(x=x, x2="high", y=y, **by_series(series, "color")),
        points(null, alt.X("median:Q"), y, series, tooltip=[name, *ends]),
        points(observed, alt.X("value:Q"), y, series, tooltip=[name, value]),
    )


def _p_values(p: pandas.DataFrame, y: alt.Y, series: Sequence[Series]) -> alt.LayerChart:
    x = alt.X("p:Q", title=None, **logarithmic([*p["p"], 1.0]))
    tooltip = [alt.Tooltip("feature:N"), alt.Tooltip("p:Q", format=".3~g")]
    marks = points(p, x, y, series, tooltip=tooltip)
    return layered(level([_LEVEL], "x"), marks.encode(yOffset=alt.YOffset("series:N", sort=None)))
