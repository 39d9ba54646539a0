"""How corruptions and networks are called and drawn, in every figure and every table.

Nothing heavy is imported here: tables and settings ask for names, too.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle

INK, FAINT, GRID = "#1a1a1a", "#6b6b6b", "#e6e6e6"

Dash = tuple[float, ...]
_SOLID: Dash = ()
_DASHED, _DOTTED, _SHORT = (9.0, 4.0), (1.5, 3.5), (4.5, 3.0)
_DASH_DOT, _DASH_DOT_DOT = (9.0, 3.0, 1.5, 3.0), (9.0, 3.0, 1.5, 3.0, 1.5, 3.0)
DASHES = (_SOLID, _DASHED, _DOTTED, _DASH_DOT, _SHORT, _DASH_DOT_DOT)


def _around(radii: Sequence[float], corners: int, turned: float = 0.0) -> str:
    """An SVG path through corners at equal angles, the first one above the centre."""
    points = [
        (radius * math.sin(angle), -radius * math.cos(angle))
        for number in range(corners)
        for radius in [radii[number % len(radii)]]
        for angle in [2 * math.pi * number / corners + turned]
    ]
    return "M" + "L".join(f"{x:.3f},{y:.3f}" for x, y in points) + "Z"


# SVG paths about as large as a square from -1 to 1: a marker of Vega, and one of a legend in HTML.
MARKERS = {
    "circle": "M-0.95,0A0.95,0.95,0,1,1,0.95,0A0.95,0.95,0,1,1,-0.95,0Z",
    "square": _around((1.18,), 4, math.pi / 4),
    "triangle_up": _around((1.2,), 3),
    "diamond": _around((1.2,), 4),
    "triangle_down": _around((1.2,), 3, math.pi),
    "plus": "M-0.34,-1H0.34V-0.34H1V0.34H0.34V1H-0.34V0.34H-1V-0.34H-0.34Z",
    "cross": "M0.467,-0.948L0.948,-0.467L0.481,0L0.948,0.467L0.467,0.948L0,0.481"
    "L-0.467,0.948L-0.948,0.467L-0.481,0L-0.948,-0.467L-0.467,-0.948L0,-0.481Z",
    "thin_diamond": _around((1.3, 0.65), 4),
    "pentagon": _around((1.1,), 5),
    "hexagon": _around((1.05,), 6),
    "star": _around((1.35, 0.55), 10),
    "triangle_left": _around((1.2,), 3, -math.pi / 2),
    "triangle_right": _around((1.2,), 3, math.pi / 2),
    "octagon": _around((1.05,), 8, math.pi / 8),
    "hourglass": "M-0.9,-1H0.9L0.25,0L0.9,1H-0.9L-0.25,0Z",
    "bow_tie": "M-1,-0.9L0,-0.25L1,-0.9V0.9L0,0.25L-1,0.9Z",
    "wide_diamond": _around((0.65, 1.3), 4),
    "four_star": _around((1.4, 0.5), 8),
    "three_star": _around((1.4, 0.45), 6),
}


@dataclass(frozen=True)
class Look:
    """How one corruption is drawn.

    ``label`` is its name for people, ``color`` is ``#rrggbb``, ``dash`` are lengths of strokes and
    gaps in pixels (none: a solid line), ``marker`` is a name in `MARKERS`.
    """

    label: str
    color: str
    dash: Dash
    marker: str


# In the order of tables and legends: true labels first, then labels, then pixels and entries from
# mild to complete. The study's five have colours of Okabe and Ito, which people with any colour
# vision tell apart (https://jfly.uni-koeln.de/color), and a dash each; every one has a marker of
# its own, for print without colour.
_LOOKS = {
    "none": Look("true labels", "#000000", _SOLID, "circle"),
    "random_labels": Look("random labels", "#D55E00", _DASHED, "square"),
    "shuffled_labels": Look("shuffled labels", "#E69F00", _DASH_DOT_DOT, "plus"),
    "pair_flip_labels": Look("pair-flip labels", "#CC79A7", _DASHED, "cross"),
    "asymmetric_labels": Look("asymmetric labels", "#A6761D", _DOTTED, "octagon"),
    "transition_matrix": Look("transition matrix", "#B03A5B", _DASH_DOT, "hourglass"),
    "labels_from_file": Look("labels from a file", "#5B6C00", _SHORT, "bow_tie"),
    "shuffled_pixels": Look("shuffled pixels", "#0072B2", _DASH_DOT, "triangle_up"),
    "shuffled_patches": Look("shuffled patches", "#8C510A", _DASH_DOT, "hexagon"),
    "random_pixels": Look("random pixels", "#56B4E9", _SHORT, "triangle_down"),
    "gaussian_noise": Look("added noise", "#7A5195", _SHORT, "pentagon"),
    "gaussian": Look("Gaussian", "#009E73", _DOTTED, "diamond"),
    "uniform_pixels": Look("uniform pixels", "#B8A800", _DOTTED, "thin_diamond"),
    "shuffled_entries": Look("shuffled entries", "#C44601", _DASHED, "triangle_left"),
    "gaussian_entries": Look("Gaussian entries", "#117A65", _DOTTED, "triangle_right"),
    "chain": Look("chain", "#7F7F7F", _SOLID, "star"),
}
_ORDER = {name: number for number, name in enumerate(_LOOKS)}
_OTHER_COLORS = ("#882255", "#44AA99", "#332288", "#999933", "#AA4499", "#117733")
_OTHER_MARKERS = ("wide_diamond", "four_star", "three_star")
_PALEST = 0.5  # share of white in the mildest level of a corruption


def look(corruption: str) -> Look:
    """The look of a corruption, by its name; a user's own gets a stable one from its name."""
    if corruption in _LOOKS:
        return _LOOKS[corruption]
    number = int.from_bytes(hashlib.blake2b(corruption.encode(), digest_size=6).digest(), "little")
    number, color = divmod(number, len(_OTHER_COLORS))
    number, dash = divmod(number, len(DASHES))
    return Look(
        corruption.replace("_", " "),
        _OTHER_COLORS[color],
        DASHES[dash],
        _OTHER_MARKERS[number % len(_OTHER_MARKERS)],
    )


# Of samples: was their label corrupted?
LABEL_KINDS = {
    False: Look("untouched labels", "#8CD0BC", (), "square"),  # paler, in grey as well
    True: Look("corrupted labels", look("random_labels").color, (), "square"),
}


def place(corruption: str) -> int:
    """Where a corruption stands in tables and legends; a user's own come last."""
    return _ORDER.get(corruption, len(_ORDER))


def looks(corruptions: Sequence[str]) -> list[Look]:
    """A look for each of some curves; one corruption may stand there several times.

    Such are its levels, mild before strong: the strongest has the look of the corruption, the
    others are paler and have a dash and a marker each, so that they differ in grey, too.
    """
    levels, seen, found = Counter(corruptions), Counter[str](), list[Look]()
    taken = {look(corruption).marker for corruption in levels}
    free = cycle([marker for marker in MARKERS if marker not in taken] or MARKERS)
    for corruption in corruptions:
        seen[corruption] += 1
        own, stronger = look(corruption), levels[corruption] - seen[corruption]
        if stronger:
            dash = DASHES[(DASHES.index(own.dash) + stronger) % len(DASHES)]
            pale = _PALEST * stronger / (levels[corruption] - 1)
            own = replace(own, color=_paler(own.color, pale), dash=dash, marker=next(free))
        found.append(own)
    return found


def _paler(color: str, white: float) -> str:
    parts = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * white):02x}" for part in parts)


def network_looks(networks: Iterable[str], color: str = INK) -> dict[str, Look]:
    """Dash and marker for each network, where a colour already stands for the corruption."""
    names, markers = list(dict.fromkeys(networks)), tuple(MARKERS)
    return {
        name: Look(network_words(name), color, DASHES[n % len(DASHES)], markers[n % len(markers)])
        for n, name in enumerate(names)
    }


_WORDS = {
    "mlp": "MLP",
    "cnn": "CNN",
    "cnn5": "CNN of 5 layers",
    "alexnet": "AlexNet",
    "lenet": "LeNet",
    "googlenet": "GoogLeNet",
    "forgetting": "Forgetting",
    "mini": "Mini",
    "inception": "Inception",
    "wide": "Wide",
    "resnet": "ResNet",
    "no": "without",
    "bn": "batch norm",
}
_SIZES = re.compile(r"(?<=\d)x(?=\d)")


def network_words(network: str) -> str:
    """``mlp_1x512, lr=0.1`` as ``MLP 1×512, lr=0.1``."""
    model, comma, rest = network.partition(",")
    words = (_WORDS.get(part, _SIZES.sub("×", part)) for part in model.split("_"))
    return " ".join(words) + comma + rest
