"""Errors of factorizations: curves along each key that differs, and maps over rank and penalty."""

from collections.abc import Sequence
from dataclasses import replace

import altair as alt
import numpy as np
import pandas
from jaxtyping import Float64

from nullfit.charts.appearance import DASHES, INK
from nullfit.charts.axes import logarithmic, whole_numbers
from nullfit.charts.figure import Figure, Panel, Series, corruption_series
from nullfit.charts.marks import curves, layered, level
from nullfit.tasks.factorization.factorization_map import ErrorMap
from nullfit.tasks.factorization.factorization_settings import (
    FactorizationSetting,
    axes_of,
    best,
    elsewhere,
    slices,
)

_METRICS = {"test/mse": ("test", DASHES[0]), "train/mse": ("training", DASHES[1])}
_TITLES = {
    "iteration": "iteration",
    "rank": "rank K",
    "lambda_u": "penalty λ of the rows",
    "lambda_v": "penalty λ of the columns",
    "train_share": "training share p",
    "iterations": "iterations",
}
# In a panel's title.
_SYMBOLS = {"rank": "K", "lambda_u": "λ", "lambda_v": "λ of the columns", "train_share": "p"}
_WHOLE = ("iteration", "rank", "iterations")
_LOWEST = "#D55E00"
_NUMBERED = 7  # columns of a map that have room for numbers
_CELL = 1.6  # lines
_DARK = 0.55  # of the range of colours, from where on text is white

Numbers = dict[tuple[str, str], int]  # of the legend's entries, by label and metric


def factorization(settings: Sequence[FactorizationSetting], note: str) -> Figure:
    """A panel for the iterations of the best setting, and one for each key that differs alone.

    All other settings are those of the lowest test error on true entries; a panel's title names
    those that are not, where nothing else was tried along its axis. Grey lines are the variance of
    the noise and the true rank, where they are known.
    """
    series = {
        (entry.label, metric): Series(f"{entry.label}, {words}", replace(entry.look, dash=dash))
        for entry in corruption_series((s.corruption, s.label) for s in settings)
        for metric, (words, dash) in _METRICS.items()
    }
    numbers = {key: number for number, key in enumerate(series)}
    frames = {"iteration": _iterations(settings, numbers)}
    along = {key: _along(settings, key, numbers) for key in axes_of(settings)}
    frames |= {key: frame for key, frame in along.items() if len(frame)}
    known = settings[0].runs[0].result["factorization"]
    noise = [known["noise_variance"]] if known["noise_variance"] else []
    ends = [end for frame in frames.values() for end in (*frame["low"], *frame["high"])]
    y = alt.Y("mean:Q", title=None, **logarithmic([*ends, *noise]))
    panels = []
    for key, frame in frames.items():
        lines = curves(frame, _x(key, settings), y, list(series.values()), tooltip=_tooltip(key))
        rank = [known["true_rank"]] if key == "rank" and known["true_rank"] is not None else []
        grey = [level(at, axis) for axis, at in (("x", rank), ("y", noise)) if at]
        panels.append(Panel(_title(key, settings), layered(lines, *grey)))
    return Figure(panels, note, list(series.values()))


def error_map(errors: ErrorMap, note: str) -> Figure:
    """Training and test error; the lowest test error is framed, the true rank is marked."""
    row, column = errors.lowest
    lowest = {"rank": _rank(errors, errors.ranks[row]), "penalty": f"{errors.penalties[column]:g}"}
    framed = alt.Chart(pandas.DataFrame([lowest])).mark_rect(
        fillOpacity=0, stroke=_LOWEST, strokeWidth=2.5
    )
    x, y = _sides(errors)
    train, test = _cells(errors, errors.train), _cells(errors, errors.test)
    lines = len(errors.ranks) * _CELL
    return Figure(
        [
            Panel("training error", train, lines=lines),
            Panel("test error", layered(test, framed.encode(x=x, y=y)), lines=lines),
        ],
        note,
    )


def _title(key: str, settings: Sequence[FactorizationSetting]) -> str:
    others = {} if key == "iteration" else elsewhere(settings, key)
    told = ", ".join(f"{_SYMBOLS.get(axis, axis)} = {value:g}" for axis, value in others.items())
    return f"mean squared error at {told}" if told else "mean squared error"


def _iterations(settings: Sequence[FactorizationSetting], numbers: Numbers) -> pandas.DataFrame:
    at = best(settings).values
    shown = [s for s in settings if all(s.values[key] == at[key] for key in axes_of(settings))]
    rows = [
        {"series": numbers[s.label, metric], "at": number, "mean": error, "low": error,
         "high": error, "n": len(s.runs)}
        for s in shown for metric in _METRICS
        for number, error in enumerate(s.curve(metric).tolist(), start=1)
    ]  # fmt: skip
    return pandas.DataFrame(rows)


def _along(
    settings: Sequence[FactorizationSetting], key: str, numbers: Numbers
) -> pandas.DataFrame:
    rows = [
        {"series": numbers[label, metric], "at": s.values[key], **vars(s.measured(metric))}
        for label, members in slices(settings, key).items()
        for metric in _METRICS
        for s in members
    ]
    return pandas.DataFrame(rows, columns=["series", "at", "mean", "low", "high", "n"])


def _x(key: str, settings: Sequence[FactorizationSetting]) -> alt.X:
    one = key == "lambda_u" and all(s.tied for s in settings)
    title = "penalty λ" if one else _TITLES[key]
    if key.startswith("lambda"):
        penalties = [s.values[key] for s in settings]
        if min(penalties) > 0:
            return alt.X("at:Q", title=title, **logarithmic(penalties))
    scale = alt.Scale(nice=False, zero=False, padding=6)
    axis = whole_numbers() if key in _WHOLE else alt.Axis()
    return alt.X("at:Q", title=title, scale=scale, axis=axis)


def _tooltip(key: str) -> list[alt.Tooltip]:
    errors = [alt.Tooltip(f"{name}:Q", format=".4~r") for name in ("mean", "low", "high")]
    return [alt.Tooltip("at:Q", title=_TITLES[key]), *errors, alt.Tooltip("n:Q", title="runs")]


def _cells(errors: ErrorMap, values: Float64[np.ndarray, "ranks penalties"]) -> alt.LayerChart:
    positive = values[values > 0].tolist() or [1.0]  # without the cells that have no run
    low, high = min(positive), max(positive)
    dark = low ** (1 - _DARK) * high**_DARK
    frame = pandas.DataFrame(
        {"rank": _rank(errors, rank), "penalty": f"{penalty:g}", "error": error,
         "shown": _digits(error), "dark": error > dark}
        for rank, row in zip(errors.ranks, values, strict=True)
        for penalty, error in zip(errors.penalties, row, strict=True) if np.isfinite(error)
    )  # fmt: skip
    x, y = _sides(errors)
    shades = alt.Scale(
        type="log", domain=[low, high], range=["#FFFFFF", "#08306B"], interpolate="rgb", clamp=True
    )
    ticks = alt.Legend(values=[low, (low * high) ** 0.5, high], format=".2~r")
    cells = alt.Chart(frame).mark_rect()
    cells = cells.encode(
        x=x, y=y, color=alt.Color("error:Q", title=None, scale=shades, legend=ticks),
        tooltip=["rank:N", "penalty:N", alt.Tooltip("error:Q", format=".4~r")],
    )  # fmt: skip
    if len(errors.penalties) > _NUMBERED:
        return layered(cells)
    numbers = alt.Chart(frame).mark_text(fontSize=10).encode(
        x=x, y=y, text="shown:N",
        color=alt.condition("datum.dark", alt.value("white"), alt.value(INK)),
    )  # fmt: skip
    return layered(cells, numbers)


def _digits(error: float) -> str:
    """Three significant digits in few characters: 0.690, 2.99e-05."""
    return f"{error:#.3g}".rstrip(".")


def _sides(errors: ErrorMap) -> tuple[alt.X, alt.Y]:
    ranks = [_rank(errors, rank) for rank in errors.ranks[::-1]]
    penalties = [f"{penalty:g}" for penalty in errors.penalties]
    x = alt.X("penalty:N", sort=penalties, title="penalty λ", axis=alt.Axis(labelAngle=0))
    return x, alt.Y("rank:N", sort=ranks, title="rank K")


def _rank(errors: ErrorMap, rank: int) -> str:
    return f"{rank} (true)" if rank == errors.true_rank else str(rank)
