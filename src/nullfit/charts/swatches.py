"""A legend's entries drawn: its lines and markers, and how wide its text is."""

from math import sqrt

from nullfit.charts.appearance import MARKERS, Look
from nullfit.charts.theme import LINE, TEXT, theme

WIDTH = 36  # pixels of a line with its marker
_NARROW, _WIDE = frozenset(" .,:;|!'()[]/\\ijltfrI·-"), frozenset("mwMW@%—…×ABCDEGHKNOPQRSUVXY=+±")
_WIDTHS = (0.33, 0.56, 0.84)  # of the font size: a narrow, a common and a wide character


def swatch(look: Look) -> str:
    """Elements of SVG, ``WIDTH`` by ``LINE`` pixels: a piece of line with its marker."""
    config, middle = theme(), LINE / 2
    dash = f' stroke-dasharray="{",".join(f"{part:g}" for part in look.dash)}"' if look.dash else ""
    return (
        f'<path d="M0,{middle:g}H{WIDTH}" stroke="{look.color}" '
        f'stroke-width="{config["line"]["strokeWidth"]}"{dash}/>'
        f'<path d="{MARKERS[look.marker]}" fill="{look.color}" '
        f'transform="translate({WIDTH / 2:g},{middle:g}) '
        f'scale({sqrt(config["point"]["size"]) / 2:.3f})"/>'
    )


def text_width(text: str, size: int = TEXT) -> float:
    """About how many pixels a text takes, rather too many than too few."""
    classes = (0 if letter in _NARROW else 2 if _is_wide(letter) else 1 for letter in text)
    return size * sum(_WIDTHS[number] for number in classes)


def _is_wide(letter: str) -> bool:
    return letter in _WIDE or ord(letter) > 0x1100  # from Hangul and CJK on letters are square
