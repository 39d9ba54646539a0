"""The type, lines and colours of all figures, in Vega's terms.

Lengths are pixels of the page. Print is the same, made smaller: see `nullfit.charts.printed`.
"""

from typing import Any

from nullfit.charts.appearance import FAINT, GRID, INK

DPI = 300  # in print
TEXT_WIDTH = 5.5  # inches: a text column of ICLR and NeurIPS; figures are printed at full size
LINE = 18  # pixels of a line of text, such as an entry of a legend or a row of dots
TEXT = 12
# vl-convert carries the first, so print looks the same on every machine; the second has its
# metrics, for a page and for an SVG file that are shown elsewhere.
FONT = '"Liberation Sans", Arial, Helvetica, sans-serif'


def theme() -> dict[str, Any]:
    """Vega-Lite's configuration. All text is of one weight: a PDF with two has random bytes."""
    return {
        "font": FONT,
        "aria": False,  # the page describes each panel in words; thousands of marks are no help
        "background": "white",
        "padding": 2,
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "group",
            "fontSize": TEXT + 1,
            "fontWeight": "normal",
            "color": INK,
            "offset": 8,
        },
        "axis": {
            "labelFontSize": TEXT,
            "titleFontSize": TEXT,
            "titleFontWeight": "normal",
            "labelColor": INK,
            "titleColor": INK,
            "titlePadding": 6,
            "labelPadding": 3,
            "domainColor": INK,
            "domainWidth": 0.8,
            "tickColor": INK,
            "tickWidth": 0.8,
            "tickSize": 4,
            "gridColor": GRID,
            "gridWidth": 0.7,
        },
        "axisX": {"grid": False, "labelFlush": False, "tickCount": 5},
        "axisY": {"minExtent": 34, "tickCount": 5},
        "legend": {
            "labelFontSize": TEXT,
            "titleFontSize": TEXT,
            "titleFontWeight": "normal",
            "labelColor": INK,
            "titleColor": INK,
            "orient": "bottom",
            "direction": "horizontal",
        },
        "line": {"strokeWidth": 2, "strokeCap": "butt"},
        "rule": {"strokeWidth": 1.3},
        "point": {"size": 50, "filled": True, "opacity": 1},
        "area": {"opacity": 1, "fillOpacity": 0.15, "line": False},
        "text": {"fontSize": TEXT, "color": INK},
        "rect": {"stroke": None},
        "bar": {"color": FAINT},
    }
