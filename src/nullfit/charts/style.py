"""Matplotlib's settings for pictures of samples, and how these are written.

Pictures are made without pyplot, so nothing is left behind in Matplotlib's global state.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.text import Text

from nullfit.charts.appearance import INK
from nullfit.charts.fonts import SHIPPED, families
from nullfit.charts.theme import DPI
from nullfit.system.files import appearing

_RC: Any = {
    "font.family": "sans-serif",
    # It ships with Matplotlib, so figures look the same on every machine.
    "font.sans-serif": [SHIPPED],
    "mathtext.fontset": "dejavusans",
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.linewidth": 0.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "grid.color": "#e3e3e3",
    "grid.linewidth": 0.4,
    "lines.linewidth": 1.3,
    "lines.markersize": 3.5,
    "lines.markeredgewidth": 0.0,
    "legend.frameon": False,
    "legend.handlelength": 2.4,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.dpi": DPI,
    "pdf.fonttype": 42,  # embedded TrueType: journals refuse Matplotlib's default, Type 3
    "svg.fonttype": "none",
}


def literal(name: str) -> str:
    """A name of a class or a column as Matplotlib draws it letter by letter: $ begins a formula."""
    return name.replace("$", r"\$")


@contextmanager
def applied(text: str = "") -> Iterator[None]:
    """Matplotlib's settings are those of the project inside the block, as before after it.

    ``text`` is what will be drawn, for which fonts are found.
    """
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()  # and not what a file of the user or of this folder sets
        mpl.rcParams.update({**_RC, "font.sans-serif": families(text)})
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing")  # told by `families`
        yield


def text_of(figure: Figure) -> str:
    """All that is written in a figure."""
    return "".join(text.get_text() for text in figure.findobj(Text))


def save(figure: Figure, path_without_suffix: Path) -> list[Path]:
    """Write ``<path>.png`` (300 dpi) and ``<path>.pdf`` (fonts embedded), each whole or not at all.

    Equal figures give equal bytes: no date is written.
    """
    paths = []
    text = text_of(figure)
    if figure.get_layout_engine() is not None:
        with applied(text):
            figure.draw_without_rendering()
        figure.set_layout_engine("none")  # found once, it need not be sought again for each file
    for suffix, metadata in ((".png", {"Software": None}), (".pdf", {"CreationDate": None})):
        # Not with_suffix, which would take a dot in the name (probability0.5) for a suffix.
        path = path_without_suffix.with_name(path_without_suffix.name + suffix)
        with applied(text), appearing(path) as temporary:
            figure.savefig(temporary, metadata=metadata)
        paths.append(path)
    return paths
