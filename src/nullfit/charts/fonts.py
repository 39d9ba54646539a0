"""Which fonts have the letters of a text: names of classes and columns are in any script."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from nullfit.console.messages import one_line, warn

SHIPPED = "DejaVu Sans"  # with Matplotlib
# What shipped fonts have: Latin, Greek and Cyrillic letters, punctuation, arrows, mathematics.
_COMMON = (range(0x530), range(0x2000, 0x2C00))
_NAMED = 8


def families(text: str) -> list[str]:
    """The families to draw a text with, one after the other; the first one ships with Matplotlib.

    What no installed font has is told once on standard error, and drawn as boxes.
    """
    found, lacking = _fallback(_uncommon(text))
    if lacking:
        _tell(lacking)
    return [SHIPPED, *found]


def prepare_print(text: str) -> None:
    """The same for figures that vl-convert draws, which finds installed fonts by itself."""
    if _uncommon(text):
        _register_shipped()
        families(text)


def _uncommon(text: Iterable[str]) -> frozenset[str]:
    return frozenset(
        letter
        for letter in text
        if letter.isprintable() and not any(ord(letter) in common for common in _COMMON)
    )


@cache
def _fallback(letters: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Installed families that have them, those with most of them first, and what none has."""
    from matplotlib.font_manager import fontManager  # noqa: PLC0415 (most texts need none)

    lacking = letters - _letters_of(_shipped_folder() + "/DejaVuSans.ttf")
    found: list[str] = []
    if lacking:
        having = {font.name: lacking & _letters_of(font.fname) for font in fontManager.ttflist}
        while having and lacking & (best := max(having.items(), key=lambda each: len(each[1])))[1]:
            found.append(best[0])
            lacking -= best[1]
            having = {name: letters & lacking for name, letters in having.items()}
    return tuple(found), lacking


@cache
def _letters_of(file: str) -> frozenset[str]:
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415

    try:
        return frozenset(map(chr, FT2Font(file).get_charmap()))
    except (OSError, RuntimeError):  # removed since it was listed, or damaged
        return frozenset()


@cache
def _register_shipped() -> None:
    import vl_convert  # noqa: PLC0415

    vl_convert.register_font_directory(_shipped_folder())


def _shipped_folder() -> str:
    from matplotlib import get_data_path  # noqa: PLC0415

    return str(Path(get_data_path(), "fonts", "ttf"))


@cache
def _tell(lacking: frozenset[str]) -> None:
    more = "" if len(lacking) <= _NAMED else f" and {len(lacking) - _NAMED} more"
    letters = " ".join(sorted(lacking)[:_NAMED])
    warn(
        f"no installed font has {one_line(letters)}{more}: boxes stand for them in figures as "
        "files. Install a font that has them, such as Noto Sans CJK."
    )
