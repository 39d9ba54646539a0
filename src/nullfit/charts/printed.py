"""Figures for papers: PDF, SVG and PNG as wide as a text column."""

import math
import re
from collections.abc import Sequence
from html import escape, unescape
from pathlib import Path
from typing import Any

import pandas
import vl_convert

from nullfit.charts.appearance import FAINT, INK
from nullfit.charts.figure import Figure, Panel, Series, columns, specification
from nullfit.charts.fonts import prepare_print
from nullfit.charts.swatches import WIDTH, swatch, text_width
from nullfit.charts.theme import DPI, FONT, LINE, TEXT, TEXT_WIDTH, theme
from nullfit.console.messages import one_line
from nullfit.system.files import appearing

VEGA_LITE = "6.4"
_PIXELS = 660  # of the page, which the text column is as wide as: 12 pixels are 7.2 points
_GAP, _SMALL, _BESIDE = 16, 9, 7
_MARGIN = 4
_LABEL = 10  # how far the last label of an axis may reach beyond the panel
_TAG, _DEFINED = re.compile("<[^<>]*>"), re.compile(r'(\bid="|url\(#|href="#)([^")]+)')
_RESOURCES = re.compile(rb"(?:^ +/[a-z]+\d+ \d+ 0 R\n)+", re.MULTILINE)
_WORD = re.compile(r"\S+(?: [=≤≥/·−+] \S+)*")  # n = 3, (p − d) / 2
_LOADED = re.compile(r'<image [^<>]*href="(?!data:)')


def save(figure: Figure, path_without_suffix: Path) -> list[Path]:
    """Write ``<path>.pdf``, ``.svg`` and ``.png`` (300 dpi), each whole or not at all.

    Fonts are embedded in the PDF. Equal figures give equal bytes, unless the only
    font that has a letter of theirs is one of the machine's.

    Raises:
        StorageError: a file cannot be written.
    """
    drawn = svg(figure)
    prepare_print(unescape(_TAG.sub("", drawn)))
    made = {
        ".pdf": _in_order(vl_convert.svg_to_pdf(drawn)),
        ".svg": drawn.encode(),
        ".png": vl_convert.svg_to_png(drawn, ppi=DPI),
    }
    paths = []
    for suffix, content in made.items():
        # Not with_suffix, which would take a dot in the name (probability0.5) for a suffix.
        path = path_without_suffix.with_name(path_without_suffix.name + suffix)
        with appearing(path) as temporary:
            temporary.write_bytes(content)
        paths.append(path)
    return paths


def png(figure: Figure, dpi: int = DPI) -> bytes:
    """The figure as a picture in PNG."""
    return vl_convert.svg_to_png(svg(figure), ppi=dpi)


def svg(figure: Figure) -> str:
    """The figure as one picture: its legend, its panels in rows, and its note."""
    parts, top = _legend(figure.series)
    across = min(figure.columns, len(figure.panels))
    width = (_PIXELS - _LABEL - _GAP * (across - 1)) / across
    for first in range(0, len(figure.panels), across):
        row = [_panel(panel, width) for panel in figure.panels[first : first + across]]
        for column, drawn in enumerate(row):
            parts.append(_placed(drawn, column * (width + _GAP), top, f"panel{first + column}-"))
        top += max(map(_height, row)) + _GAP / 2
    for line in _broken(figure.note):
        top += _SMALL * 1.3
        parts.append(_text(line, 0.0, top, _SMALL, FAINT))
    points = TEXT_WIDTH * 72
    height = math.ceil(top + _SMALL / 2) + 2 * _MARGIN
    whole = _PIXELS + 2 * _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{points:g}" height="{points * height / whole:g}" '
        f'viewBox="{-_MARGIN} {-_MARGIN} {whole} {height}">'
        f'<rect x="{-_MARGIN}" y="{-_MARGIN}" width="{whole}" height="{height}" fill="white"/>'
        f"{''.join(parts)}</svg>\n"
    )


def _in_order(pdf: bytes) -> bytes:
    """The PDF with the entries of each list of resources sorted: svg2pdf writes them as they come.

    No byte of the file moves but these.
    """
    return _RESOURCES.sub(lambda found: b"".join(sorted(found[0].splitlines(True))), pdf)


def _panel(panel: Panel, width: float) -> str:
    frames: dict[str, Any] = {}
    spec: dict[str, Any] = {
        **specification(panel, frames),
        "width": width,
        "height": width / panel.aspect if panel.lines is None else panel.lines * LINE,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": theme(),
    }
    spec["datasets"] = {name: _rows(frame) for name, frame in frames.items()}
    drawn: str = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[])
    if _LOADED.search(drawn):
        raise ValueError(f"The panel {panel.title!r} has a picture that is not within its data.")
    return drawn


def _rows(frame: pandas.DataFrame) -> list[dict[str, Any]]:
    found = columns(frame)
    return [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]


def _height(drawn: str) -> float:
    found = re.search(r'height="([\d.]+)"', drawn)
    assert found is not None
    return float(found[1])


def _placed(drawn: str, left: float, top: float, prefix: str) -> str:
    """A picture within a picture; what it defines gets names of its own, which Vega counts up."""
    names: dict[str, str] = {}

    def renamed(found: re.Match[str]) -> str:
        return found[1] + names.setdefault(found[2], f"{prefix}{len(names)}")

    unique = _TAG.sub(lambda tag: _DEFINED.sub(renamed, tag[0]), drawn)
    return unique.replace("<svg ", f'<svg overflow="visible" x="{left:g}" y="{top:g}" ', 1)


def _legend(series: Sequence[Series]) -> tuple[list[str], float]:
    """The legend in columns, each as wide as its widest entry, and its height."""
    if not series:
        return [], 0.0
    widths = [WIDTH + _BESIDE + text_width(entry.label) for entry in series]
    across = len(series)
    while across > 1 and sum(_columns(widths, across)) > _PIXELS:
        across -= 1
    columns = _columns(widths, across)
    parts = []
    for number, entry in enumerate(series):
        row, column = divmod(number, across)
        left, top = sum(columns[:column], 0.0), row * LINE
        parts.append(f'<g transform="translate({left:g},{top})">{swatch(entry.look)}</g>')
        parts.append(_text(entry.label, left + WIDTH + _BESIDE, top + LINE / 2 + 4, TEXT, INK))
    return parts, math.ceil(len(series) / across) * LINE + _GAP / 2


def _columns(widths: Sequence[float], across: int) -> list[float]:
    return [max(widths[column::across]) + _GAP for column in range(across)]


def _broken(note: str) -> list[str]:
    """The note in lines that are not wider than the figure, in which formulas stay whole."""
    lines = [""]
    for word in _WORD.findall(note):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, _SMALL) > _PIXELS:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _text(text: str, left: float, baseline: float, size: int, color: str) -> str:
    return (
        f'<text x="{left:g}" y="{baseline:g}" font-family="{escape(FONT)}" font-size="{size}" '
        f'fill="{color}">{escape(one_line(text))}</text>'
    )
