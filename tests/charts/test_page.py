"""Figures as elements of a page."""

import base64
import json
import re
import zlib
from html.parser import HTMLParser

import altair as alt
import numpy
import pandas
import pytest

from nullfit.charts.axes import fractions
from nullfit.charts.figure import Figure, Panel
from nullfit.charts.marks import curves
from nullfit.charts.page import head, html


class Page(HTMLParser):
    """The elements of a piece of a page, and the text within each kind."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.attributes, self._open = [], {}, [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        self._open.remove(tag)

    def handle_data(self, data):
        if self._open and data.strip():
            self.texts.setdefault(self._open[-1], []).append(data)


def data_of(text):
    packed = re.search(r'<script type="text/plain">(.*?)</script>', text)[1]
    return json.loads(zlib.decompress(base64.b64decode(packed)))


def test_names_are_text_and_not_markup(figure, naughty):
    page = Page(html(figure, "curves-0"))
    assert "b" not in page.tags
    assert naughty in page.texts["span"]
    assert page.texts["figcaption"] == [f"Data: {naughty}."]
    labels = [attributes.get("aria-label") for _, attributes in page.attributes]
    assert f"errors {naughty}" in labels


def test_each_entry_of_the_legend_is_a_button_with_its_line_and_marker(figure):
    page = Page(html(figure, "curves-0"))
    entries = [found for tag, found in page.attributes if "data-series" in found]
    assert [entry["data-series"] for entry in entries] == ["0", "1", "2", "3"]
    assert {entry["aria-pressed"] for entry in entries} == {"true"}
    assert page.tags.count("path") == 2 * len(entries)


def test_the_data_are_columns_that_panels_call_by_name(figure, naughty):
    found = data_of(html(figure, "curves-0"))
    assert len(found["panels"]) == 3
    assert set(found["frames"]["frame0"]) == {"series", "epoch", "step", "mean", "low", "high"}
    assert found["panels"][0]["options"]["step"] == {"x": {"field": "step", "title": "step"}}
    specs = json.dumps([{**panel["spec"], "title": ""} for panel in found["panels"]])
    assert json.dumps(naughty)[1:-1] not in specs  # in values only


def test_equal_figures_give_equal_elements(figure):
    assert html(figure, "a") == html(figure, "a")


def test_a_hidden_figure_is_hidden(figure):
    assert Page(html(figure, "a", hidden=True)).attributes[0][1] == {
        "class": "chart", "id": "a", "hidden": None,
    }  # fmt: skip


def test_curves_of_many_epochs_stay_small(series):
    random = numpy.random.default_rng(0)
    frame = pandas.DataFrame(
        {
            "series": numpy.repeat(range(4), 150),
            "epoch": [*range(150)] * 4,
            **{name: random.random(600) for name in ("mean", "low", "high")},
        }
    )
    drawn = curves(frame, alt.X("epoch:Q"), alt.Y("mean:Q", **fractions()), series)
    figure = Figure([Panel("accuracy", drawn)], "", series)
    assert len(html(figure, "a")) < 15 * 600 + 4000


@pytest.mark.slow
def test_the_head_loads_nothing_and_is_below_a_megabyte():
    text = head()
    page = Page(text)
    assert page.tags == ["style", "script", "script"]
    assert all("src" not in found and "href" not in found for _, found in page.attributes)
    assert len(text) < 1_000_000
    assert head() == text
