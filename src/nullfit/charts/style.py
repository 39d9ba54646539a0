"""The one place for the looks of figures: type, lines, and a fixed look for each corruption.

Figures are made without pyplot, so nothing is left behind in Matplotlib's global state.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nullfit.system.files import appearing

DPI = 300
TEXT_WIDTH = 5.5  # inches: a text column of ICLR and NeurIPS; figures are printed at full size
INK, FAINT = "#1a1a1a", "#6b6b6b"

_RC: Any = {
    "font.family": "sans-serif",
    # The first ships with Matplotlib, so figures look the same on every machine.
    "font.sans-serif": ["DejaVu Sans"],
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


@dataclass(frozen=True)
class Look:
    """How one corruption is drawn in every figure."""

    label: str
    color: str
    linestyle: str | tuple[int, tuple[float, ...]]
    marker: str

    def line(self) -> dict[str, Any]:
        """Arguments for ``Axes.plot``."""
        return {
            "label": self.label,
            "color": self.color,
            "linestyle": self.linestyle,
            "marker": self.marker,
        }


# The study's five have colours of Okabe and Ito, which people with any colour vision tell apart
# (https://jfly.uni-koeln.de/color), and a line each; the others take what is left and some more.
# Every one has a marker of its own, for print without colour.
_DASHED, _DOTTED = (0, (5.0, 1.6)), (0, (1.2, 1.2))
_DASH_DOT, _DASH_DOT_DOT = (0, (5.0, 1.4, 1.2, 1.4)), (0, (5.0, 1.2, 1.2, 1.2, 1.2, 1.2))
_SHORT = (0, (2.6, 1.2))
_LOOKS = {
    "none": Look("true labels", "#000000", "-", "o"),
    "random_labels": Look("random labels", "#D55E00", _DASHED, "s"),
    "shuffled_pixels": Look("shuffled pixels", "#0072B2", _DASH_DOT, "^"),
    "random_pixels": Look("random pixels", "#56B4E9", _SHORT, "v"),
    "gaussian": Look("Gaussian", "#009E73", _DOTTED, "D"),
    "shuffled_labels": Look("shuffled labels", "#E69F00", _DASH_DOT_DOT, "P"),
    "pair_flip_labels": Look("pair-flip labels", "#CC79A7", _DASHED, "X"),
    "uniform_pixels": Look("uniform pixels", "#B8A800", _DOTTED, "d"),
    "gaussian_noise": Look("added noise", "#7A5195", _SHORT, "p"),
    "shuffled_patches": Look("shuffled patches", "#8C510A", _DASH_DOT, "h"),
    "shuffled_entries": Look("shuffled entries", "#C44601", _DASHED, "<"),
    "gaussian_entries": Look("Gaussian entries", "#117A65", _DOTTED, ">"),
    "chain": Look("chain", "#7F7F7F", "-", "*"),
}
_OTHER_COLORS = ("#882255", "#44AA99", "#332288", "#999933", "#AA4499", "#117733")
_OTHER_LINES = ("-", _DASHED, _DOTTED, _DASH_DOT, _SHORT)
_OTHER_MARKERS = ("<", ">", "8", "H")


def look(corruption: str) -> Look:
    """The look of a corruption, by its name; a user's own gets a stable one from its name."""
    if corruption in _LOOKS:
        return _LOOKS[corruption]
    number = int.from_bytes(hashlib.blake2b(corruption.encode(), digest_size=6).digest(), "little")
    number, color = divmod(number, len(_OTHER_COLORS))
    number, line = divmod(number, len(_OTHER_LINES))
    return Look(
        corruption.replace("_", " "),
        _OTHER_COLORS[color],
        _OTHER_LINES[line],
        _OTHER_MARKERS[number % len(_OTHER_MARKERS)],
    )


def literal(name: str) -> str:
    """A name of a class or a column as Matplotlib draws it letter by letter: $ begins a formula."""
    return name.replace("$", r"\$")


# Networks are told apart by these where a colour already stands for the corruption.
NETWORK_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "d", "p", "h", "*", "<", ">")
NETWORK_LINES = ("-", _DASHED, _DOTTED, _DASH_DOT, _SHORT, _DASH_DOT_DOT)


def opacity(shade: float) -> float:
    """How strongly a curve is drawn: ``shade``, in (0, 1], is the strength of its corruption."""
    return 0.3 + 0.7 * shade


def new_figure(height: float, note: str) -> Figure:
    """A figure as wide as a text column, ``height`` inches high, with ``note`` in small below.

    The note tells the data, so that a picture that leaves its report still says what it shows.
    """
    figure = Figure(figsize=(TEXT_WIDTH, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    figure.supxlabel(note, fontsize=5.5, color=FAINT, x=0.995, ha="right")
    return figure


@contextmanager
def applied() -> Iterator[None]:
    """Matplotlib's settings are those of the project inside the block, as before after it."""
    with mpl.rc_context(_RC):
        yield


def save(figure: Figure, path_without_suffix: Path) -> list[Path]:
    """Write ``<path>.png`` (300 dpi) and ``<path>.pdf`` (fonts embedded), each whole or not at all.

    Equal figures give equal bytes: no date is written.
    """
    paths = []
    if figure.get_layout_engine() is not None:
        with applied():
            figure.draw_without_rendering()
        figure.set_layout_engine("none")  # found once, it need not be sought again for each file
    for suffix, metadata in ((".png", {"Software": None}), (".pdf", {"CreationDate": None})):
        # Not with_suffix, which would take a dot in the name (probability0.5) for a suffix.
        path = path_without_suffix.with_name(path_without_suffix.name + suffix)
        with applied(), appearing(path) as temporary:
            figure.savefig(temporary, metadata=metadata)
        paths.append(path)
    return paths
