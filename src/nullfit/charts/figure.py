"""What a figure is made of, for the page and for print alike."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import altair as alt
import numpy as np
import pandas

from nullfit.charts.appearance import Look, looks
from nullfit.console.messages import visible

Frames = dict[str, pandas.DataFrame]
Patch = Mapping[str, Mapping[str, Any]]
_FIELD = re.compile(r"[a-z][a-z0-9_]*")
_MOST_DIGITS = 9
_DIGITS = 4  # of a number in a figure: more than a screen shows, and half the size of the page


@dataclass(frozen=True)
class Series:
    """An entry of the legend: what a figure says in the same way in all its panels.

    Rows of a panel's frames belong to the entry that their column ``series`` gives the number of;
    rows without a number belong to none.
    """

    label: str
    look: Look


def corruption_series(entries: Iterable[tuple[str, str]]) -> list[Series]:
    """An entry for each pair of a corruption's name and its label, mild levels before strong."""
    distinct = list(dict.fromkeys(entries))
    drawn = looks([corruption for corruption, _ in distinct])
    return [Series(label, look) for (_, label), look in zip(distinct, drawn, strict=True)]


@dataclass(frozen=True)
class Panel:
    """One chart of a figure: a single view or layers, without a size.

    Names from users (classes, columns, networks) stand in ``title`` and in values of frames only,
    never in the name of a column or in an expression, which Vega would run.

    ``aspect`` is width by height of the space the panel takes; where ``lines`` are given, the plot
    is so many lines of text high instead. ``options`` are what the panel changes when a reader of
    the page chooses an option of one of the figure's switches: properties of Vega-Lite by channel,
    as ``{"step": {"x": {"field": "step", "title": "step"}}}``.
    """

    title: str
    chart: alt.Chart | alt.LayerChart
    aspect: float | int = 1.6
    lines: float | int | None = None
    options: Mapping[str, Patch] = field(default_factory=dict)


@dataclass(frozen=True)
class Switch:
    """A choice on the page, which all figures with the same ``label`` share.

    The first option is what the panels are without a change, and what is printed.
    """

    label: str
    options: Sequence[str]


@dataclass(frozen=True)
class Slider:
    """Rising numbers of which a reader of the page chooses one, such as epochs.

    All figures whose slider has the same ``name``, a plain word, stand at the same number, or at
    the last before it. `marks.moved_by` makes a chart heed it, and all panels of the figure must.
    What is printed, and shown at first, is the last number.
    """

    name: str
    values: Sequence[int]


@dataclass(frozen=True)
class Figure:
    """Panels in rows of at most ``columns``, one legend for all, and a note below.

    The note tells the data, n, and what is drawn, so that a picture that leaves its report still
    says what it shows.
    """

    panels: Sequence[Panel]
    note: str
    series: Sequence[Series] = ()
    columns: int = 2
    switches: Sequence[Switch] = ()
    slider: Slider | None = None


def specification(panel: Panel, frames: Frames) -> dict[str, Any]:
    """A panel in Vega-Lite, its data by name; the frames that it needs are added to ``frames``.

    Raises:
        ValueError: a column's name is no plain word, and may be a user's.
    """
    with alt.data_transformers.enable("nullfit", frames=frames):
        spec: dict[str, Any] = panel.chart.to_dict(validate=False)
    kept = {key: value for key, value in spec.items() if key not in ("$schema", "config")}
    return {key: _printable(value) for key, value in kept.items()} | {
        "title": _printable(panel.title)
    }


def _printable(value: Any) -> Any:
    """The same with control characters in texts as escapes: the drawing library dies of them."""
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_printable(item) for item in value]
    return visible(value) if isinstance(value, str) else value


def _named(frame: pandas.DataFrame, frames: Frames) -> dict[str, str]:
    """What stands in a specification for a frame."""
    odd = [str(column) for column in frame if not _FIELD.fullmatch(str(column))]
    if odd:
        raise ValueError(
            f"Columns of a figure's data are named by plain words, not {odd}: Vega reads names "
            "as expressions. Put text of users into values."
        )
    known = (name for name, other in frames.items() if other is frame)
    name = next(known, f"frame{len(frames)}")
    frames[name] = frame
    return {"name": name}


alt.data_transformers.register("nullfit", _named)


def columns(frame: pandas.DataFrame) -> dict[str, list[Any]]:
    """The columns of a frame for JSON, to four digits of what they vary by; None: not finite."""
    found = {str(name): frame[name].tolist() for name in frame}
    digits = {name: _digits(values) for name, values in found.items()}
    return {name: [_plain(value, digits[name]) for value in own] for name, own in found.items()}


def _digits(values: Sequence[Any]) -> int:
    """How many digits of numbers tell them apart: more than four where they are nearly alike."""
    numbers = [value for value in values if isinstance(value, float) and np.isfinite(value)]
    width = max(numbers, default=0.0) - min(numbers, default=0.0)
    if not width or not np.isfinite(width):
        return _DIGITS
    alike = int(np.log10(max(map(abs, numbers)) / width))
    return _DIGITS + min(max(alike, 0), _MOST_DIGITS - _DIGITS)


def _plain(value: Any, digits: int) -> Any:
    if not isinstance(value, float):
        return _printable(value)
    if not np.isfinite(value):
        return None
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded.is_integer() else rounded
