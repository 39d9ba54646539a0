"""The page: one HTML file with everything in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import jinja2
import plotly.graph_objects as go
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from nullfit.charts import style
from nullfit.report.runs import environment
from nullfit.results.formats import percent
from nullfit.results.spread import Spread

_ASSETS = files("nullfit.report") / "assets"
_MOST_TABS = 6  # in a row, of another task's figures; more of them are chosen from a list


@dataclass(frozen=True)
class Plot:
    """An interactive figure: its element's id, the name of its tab, and its data."""

    id: str
    title: str
    json: Markup


@dataclass(frozen=True)
class Picture:
    """A picture within the page, and the files it is also in."""

    title: str
    base64: str
    files: list[str]


def plot(element: str, title: str, figure: go.Figure) -> Plot:
    """A figure made ready for the page."""
    return Plot(element, title, in_script(figure.to_json()))


def in_script(text: str) -> Markup:
    """JSON that can stand in a <script>: no name in it can end the element."""
    return Markup(text.replace("<", "\\u003c"))


def data_in_script(value: Any) -> Markup:
    """A plain value as `in_script`."""
    return in_script(json.dumps(value, separators=(",", ":"), ensure_ascii=False))


def page(content: Mapping[str, Any]) -> str:
    """The page's HTML. Everything from files, settings and class names is escaped by the template.

    ``content`` has the names that assets/page.html.j2 uses.
    """
    environment_of_templates = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment_of_templates.filters |= {
        "color": lambda corruption: style.look(corruption).color,
        "range": _range,
        "percent": _percent,
        "duration": _duration,
        "environment": environment,
    }
    template = environment_of_templates.from_string(_asset("page.html.j2"))
    return template.render(
        css=Markup(_asset("page.css")),
        js=Markup(_asset("page.js")),
        plotly=Markup(get_plotlyjs()),
        most_tabs=_MOST_TABS,
        **content,
    )


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _range(spread: Spread | None) -> str:
    if spread is None:
        return "–"
    mean, low, high = map(percent, (spread.mean, spread.low, spread.high))
    return f"{mean} %" + ("" if low == high else f" ({low} – {high})")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{percent(value)} %"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
