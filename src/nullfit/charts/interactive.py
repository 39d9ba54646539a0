"""The looks of `nullfit.charts.style` in Plotly's terms, so that page and print agree."""

from html import escape
from typing import Any

import plotly.graph_objects as go

from nullfit.charts import style

_SYMBOLS = {
    "o": "circle",
    "s": "square",
    "^": "triangle-up",
    "v": "triangle-down",
    "D": "diamond",
    "P": "cross",
    "X": "x",
    "d": "diamond-tall",
    "p": "pentagon",
    "h": "hexagon",
    "*": "star",
    "<": "triangle-left",
    ">": "triangle-right",
    "8": "octagon",
    "H": "hexagon2",
}
_WIDTH = 2  # pixels of a curve
GRID = "#ececec"


def symbol(marker: str) -> str:
    """Plotly's name for a marker of Matplotlib."""
    return _SYMBOLS[marker]


def dash(linestyle: str | tuple[int, tuple[float, ...]]) -> str:
    """Plotly's form of a line style of Matplotlib: lengths in pixels instead of line widths."""
    if isinstance(linestyle, str):
        return "solid"
    return ",".join(f"{_WIDTH * length:g}px" for length in linestyle[1])


def line(corruption: str) -> dict[str, Any]:
    """How the curve of a corruption is drawn."""
    look = style.look(corruption)
    return {"color": look.color, "width": _WIDTH, "dash": dash(look.linestyle)}


def translucent(color: str, opacity: float) -> str:
    """``#rrggbb`` as ``rgba(…)``."""
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def plain(text: str) -> str:
    """Text that Plotly shows as it is: it would take <b> or <a href> in a name for markup."""
    return escape(text, quote=False)


def finish(figure: go.Figure, height: int) -> go.Figure:
    """Type, grid and legend as on the whole page."""
    figure.update_layout(
        template=None,
        height=height,
        font={"family": "system-ui, -apple-system, 'Segoe UI', sans-serif", "size": 13},
        font_color=style.INK,
        margin={"l": 60, "r": 12, "t": 30, "b": 48},
        paper_bgcolor="white",
        plot_bgcolor="white",
        hoverlabel={"bgcolor": "white", "font": {"color": style.INK}},
        showlegend=True,  # of a single curve, too
        legend={"orientation": "h", "x": 0, "y": 1.08, "yanchor": "bottom", "font": {"size": 13}},
    )
    axis = {"gridcolor": GRID, "zeroline": False, "linecolor": "#888888", "ticks": "outside"}
    figure.update_xaxes(**axis, showline=True, title={"standoff": 6, "font": {"size": 13}})
    figure.update_yaxes(**axis, title={"standoff": 6, "font": {"size": 13}}, automargin=True)
    figure.update_annotations(font={"size": 13})
    return figure
