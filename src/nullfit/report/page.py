"""The page: one HTML file with everything in it."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from nullfit.charts.appearance import Look
from nullfit.charts.page import head
from nullfit.charts.swatches import WIDTH, swatch
from nullfit.charts.theme import LINE
from nullfit.report.runs import environment

_ASSETS = files("nullfit.report") / "assets"
_MOST_TABS = 6  # in a row; more figures are chosen from a list


def page(content: Mapping[str, Any]) -> str:
    """The page's HTML. Everything from files, settings and class names is escaped by the template.

    ``content`` has the names that assets/page.html.j2 uses.
    """
    environment_of_templates = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment_of_templates.filters |= {
        "swatch": _swatch,
        "duration": _duration,
        "environment": environment,
    }
    template = environment_of_templates.from_string(_asset("page.html.j2"))
    return template.render(
        css=Markup(_asset("page.css")),
        js=Markup(_asset("page.js")),
        charts=head(),
        most_tabs=_MOST_TABS,
        **content,
    )


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _swatch(look: Look) -> Markup:
    return Markup(f'<svg class="key" width="{WIDTH}" height="{LINE}">{swatch(look)}</svg>')


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
