"""Figures for print, drawn coarsely and once, for tests of what they are drawn of.

The same few are drawn again and again: equal figures give equal bytes (`charts/test_printed.py`).
Tests of drawing itself (`charts/`) have it as it is.
"""

from collections.abc import Callable
from typing import Any

import vl_convert

from nullfit.charts import style
from tests.composition import Kept

_DPI = 72
_AS_IT_IS = {
    name: getattr(vl_convert, name)
    for name in ("javascript_bundle", "vegalite_to_svg", "svg_to_pdf", "svg_to_png")
}
_PICTURES = dict(style._RC)


def draw_quickly(files: Kept, put: Callable[[Any, str, Any], object] = setattr) -> None:
    """Draw what was drawn before from ``files``, and PNGs with a sixteenth of the pixels."""
    for name, made in _AS_IT_IS.items():
        put(vl_convert, name, _once(files, name, made))
    # Fonts as drawings of letters: to pick the letters out of a font takes half of the time.
    put(style, "_RC", {**_PICTURES, "savefig.dpi": _DPI, "pdf.fonttype": 3})


def draw_as_it_is(put: Callable[[Any, str, Any], object]) -> None:
    """Undo `draw_quickly`."""
    for name, made in _AS_IT_IS.items():
        put(vl_convert, name, made)
    put(style, "_RC", _PICTURES)


def _once(files: Kept, name: str, made: Callable[..., Any]) -> Callable[..., Any]:
    """A function of ``vl_convert``, whose answer for the same arguments is kept."""
    is_text = name in ("javascript_bundle", "vegalite_to_svg")

    def drawn(what: Any, **settings: Any) -> Any:
        if "ppi" in settings:
            settings["ppi"] = min(settings["ppi"], _DPI)

        def draw() -> bytes:
            found = made(what, **settings)
            return found.encode() if is_text else found

        answer = files.get((name, what, settings), draw)
        return answer.decode() if is_text else answer

    return drawn
