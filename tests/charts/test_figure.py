"""What a figure is made of, as Vega-Lite."""

import math

import altair as alt
import pandas
import pytest

from nullfit.charts.axes import fractions, logarithmic
from nullfit.charts.figure import Panel, columns, specification
from nullfit.charts.marks import curves, dots, layered, points


def test_a_frame_stands_in_the_data_once(figure):
    frames = {}
    found = specification(figure.panels[0], frames)
    assert len(frames) == 4  # the curves, their markers, the one of a single point, chance
    assert "datasets" not in found
    assert found["title"] == "accuracy"
    assert found["layer"][0]["layer"][0]["data"] == {"name": "frame0"}


def test_specifications_are_valid_and_equal_ones_are_equal(figure):
    for panel in figure.panels:
        alt.Chart.from_dict(panel.chart.to_dict(validate=True))
        assert specification(panel, {}) == specification(panel, {})


def test_a_name_of_a_column_that_may_be_a_users_is_refused(naughty):
    chart = alt.Chart(pandas.DataFrame({naughty: [1]})).mark_point()
    with pytest.raises(ValueError, match="Put text of users into values"):
        specification(Panel("title", chart), {})


def test_columns_have_four_digits_and_none_for_what_is_not_finite():
    frame = pandas.DataFrame({"a": [1 / 3, math.nan], "b": [2.0, math.inf], "c": ["x", "y"]})
    assert columns(frame) == {"a": [0.3333, None], "b": [2, None], "c": ["x", "y"]}
    alike = pandas.DataFrame({"a": [36.51234, 36.86789], "b": [1e-3 / 3, 4000.123]})
    assert columns(alike) == {"a": [36.5123, 36.8679], "b": [0.0003333, 4000]}


def marks_of(chart):
    return [layer["mark"]["type"] for layer in chart.to_dict()["layer"]]


def test_curves_have_bands_where_there_are_several_runs(frame, series):
    x, y = alt.X("epoch:Q"), alt.Y("mean:Q")
    assert marks_of(curves(frame, x, y, series)) == ["area", "line", "point", "rule"]
    several = frame[frame["series"] < 3]
    assert marks_of(curves(several, x, y, series)) == ["area", "line", "point"]
    single = frame.drop(columns=["low", "high"])
    assert marks_of(curves(single, x, y, series)) == ["line", "point"]


def test_a_curve_of_one_point_has_a_marker_and_the_others_few_that_none_hides(frame, series):
    drawn = curves(frame, alt.X("epoch:Q"), alt.Y("mean:Q"), series)
    marked = drawn.layer[2].data
    assert list(marked[marked["series"] == 3]["epoch"]) == [1]
    assert list(drawn.layer[3].data["series"]) == [3]  # a bar, where a band has no width
    assert marked.groupby("series").size().max() <= 10


def test_markers_of_long_curves_stand_elsewhere_for_each_series(series):
    long = pandas.DataFrame(
        {"series": [0] * 60 + [1] * 60, "epoch": [*range(60)] * 2, "mean": [1.0] * 120}
    )
    marked = curves(long, alt.X("epoch:Q"), alt.Y("mean:Q"), series).layer[1].data
    first, second = (set(marked[marked["series"] == number]["epoch"]) for number in (0, 1))
    assert len(first) == 6
    assert not first & second


def test_what_lies_above_the_axis_is_cut_and_has_no_marker(frame, series):
    drawn = curves(frame, alt.X("epoch:Q"), alt.Y("mean:Q"), series, top=0.3)
    assert drawn.layer[1].mark.clip is True
    assert drawn.layer[2].data["mean"].max() <= 0.3


def test_rows_stand_under_the_name_of_their_group():
    frame = pandas.DataFrame(
        {"series": [0, 1, 0], "group": ["a", "a", "b"], "mean": [1, 2, 3], "low": 1, "high": 3}
    )
    chart, lines = dots(frame, alt.X("mean:Q"), [])
    assert chart.layer[1].data["line"].tolist() == pytest.approx([1.5, 2.5, 4.9])
    assert chart.layer[2].data["group"].tolist() == ["a", "b"]
    assert chart.layer[2].data["line"].tolist() == pytest.approx([0.5, 3.9])
    assert lines == pytest.approx(5.4)


def test_a_long_name_of_a_group_is_broken_so_that_the_plot_stays_wide():
    long = "gaussian γ=0.02 on random conv, filters=128"
    frame = pandas.DataFrame({"series": 0, "group": ["a", long], "mean": 1, "low": 1, "high": 3})
    chart, _ = dots(frame, alt.X("mean:Q"), [])
    broken = "gaussian γ=0.02 on random conv,\nfilters=128"
    assert chart.layer[2].data["group"].tolist() == ["a", broken]
    assert chart.layer[1].data["line"].tolist() == pytest.approx([1.5, 4.9])


@pytest.mark.parametrize(
    ("values", "ends", "ticks"),
    [
        ([200, 800], (200, 1000), [200, 500, 1000]),
        ([25, 1437], (20, 2000), [20, 50, 100, 200, 500, 1000, 2000]),
        ([0.03, 30], (0.02, 50), [0.1, 1, 10]),
        ([1, 1], (0.5, 2), [0.5, 1, 2]),
        ([0, 3e-4, 2], (2e-4, 2), [1e-3, 1e-2, 0.1, 1]),
        ([1e-9, 1e3], (1e-9, 1e3), [1e-9, 1e-7, 1e-5, 1e-3, 0.1, 10, 1000]),
        ([], (1, 10), [1, 2, 5, 10]),
    ],
    ids=["one decade", "two", "three", "one value", "zero", "many decades", "none"],
)
def test_a_logarithmic_axis_ends_at_1_2_or_5_and_has_a_few_ticks(values, ends, ticks):
    axis = logarithmic(values)
    assert axis["axis"]["values"] == pytest.approx(ticks)
    assert axis["scale"]["domain"] == pytest.approx(ends)


@pytest.mark.parametrize(
    ("largest", "ticks"),
    [
        (1.0, [0, 0.25, 0.5, 0.75, 1]),
        (0.91, [0, 0.25, 0.5, 0.75, 1]),
        (0.0122, [0, 0.005, 0.01, 0.015]),
        (0.3, [0, 0.1, 0.2, 0.3]),
        (0.0, [0, 0.0025, 0.005, 0.0075, 0.01]),
    ],
)
def test_an_axis_of_fractions_ends_above_the_largest(largest, ticks):
    axis = fractions(largest)
    assert axis["axis"]["values"] == pytest.approx(ticks)
    low, high = axis["scale"]["domain"]
    assert low < 0
    assert ticks[-1] < high < 1.05 * ticks[-1]


def test_layers_and_axes_fit_into_altair(frame, series):
    chart = layered(
        points(frame, alt.X("epoch:Q"), alt.Y("mean:Q", **fractions()), series, hollow=True)
    )
    assert chart.to_dict()["layer"][0]["mark"]["fill"] == "white"
