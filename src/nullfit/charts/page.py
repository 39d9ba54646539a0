"""Figures in an HTML page that loads nothing: panels that reflow, one legend, switches, zoom."""

import base64
import json
import zlib
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import vl_convert
from markupsafe import Markup

from nullfit.charts.figure import Figure, Panel, columns, specification
from nullfit.charts.printed import VEGA_LITE
from nullfit.charts.swatches import WIDTH, swatch
from nullfit.charts.theme import LINE, theme

_ASSETS = files("nullfit.charts") / "assets"
_EXPORTS = "window.vegaEmbed = vegaEmbed;"  # all that the bundle has: its own vega is null


def html(figure: Figure, element: str, *, hidden: bool = False) -> Markup:
    """The figure as an element with this id. The script of `head` draws it once it is seen.

    Nothing in it can be taken for markup, whatever the names in the figure are.
    """
    frames: dict[str, Any] = {}
    content = {
        "panels": [_panel(panel, frames) for panel in figure.panels],
        "frames": {name: columns(frame) for name, frame in frames.items()},
        "slider": None if figure.slider is None else list(figure.slider.values),
    }
    return Markup(
        _template().render(
            figure=figure,
            id=element,
            hidden=hidden,
            data=_packed(content),
            swatch=lambda look: Markup(swatch(look)),
            width=WIDTH,
            height=LINE,
        )
    )


def head() -> Markup:
    """Style and scripts, which stand once in the head of the page."""
    return Markup(
        f"<style>{_asset('charts.css')}</style>\n<script>{_library()}</script>\n"
        f"<script>const chartTheme = {json.dumps(theme())};\n{_asset('charts.js')}</script>"
    )


def _packed(value: Any) -> str:
    """JSON made short, in characters that no markup is made of."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode("ascii")


def _panel(panel: Panel, frames: dict[str, Any]) -> dict[str, Any]:
    return {
        "spec": specification(panel, frames),
        "aspect": panel.aspect,
        "height": None if panel.lines is None else panel.lines * LINE,
        "options": panel.options,
    }


@cache
def _library() -> str:
    """Vega with Vega-Lite, of the version that print is drawn with."""
    bundle: str = vl_convert.javascript_bundle(_EXPORTS, vl_version=VEGA_LITE)
    return bundle.replace("</script", "<\\/script")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(_asset("figure.html.j2"))


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")
