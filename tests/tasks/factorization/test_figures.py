"""Errors of factorizations, drawn: what stands in the frames, and that they can be drawn."""

from dataclasses import replace

import numpy as np
import pytest

from nullfit.tasks.factorization.factorization_map import ErrorMap, error_maps
from nullfit.tasks.factorization.factorization_settings import by_matrix
from nullfit.tasks.factorization.figures import error_map, factorization
from tests.charts.drawn import NAUGHTY, draw, entries_of, frames_of
from tests.tasks.factorization.conftest import run


def of(runs):
    (settings,) = by_matrix(runs).values()
    return settings


def frames(panel):
    """The frame of the curves, and the values of grey lines by channel."""
    lines, *levels = panel.chart.layer
    grey = {
        channel: level.data["value"].tolist()
        for level in levels
        for channel in ("x", "y")
        if level.encoding.to_dict().get(channel)
    }
    return lines.layer[0].data, grey


def test_a_panel_for_the_iterations_and_one_for_each_key(grid) -> None:
    figure = factorization(of(grid), "a note")
    assert entries_of(figure) == [
        "true entries, test", "true entries, training",
        "Gaussian entries, test", "Gaussian entries, training",
    ]  # fmt: skip
    assert len({series.look.dash for series in figure.series}) == 2
    iterations, ranks, penalties, shares = (frames(panel) for panel in figure.panels)
    assert iterations[0]["at"].unique().tolist() == [1, 2, 3]
    drawn = ranks[0][ranks[0]["series"] == 0]
    assert drawn["at"].tolist() == [1, 2, 3]
    assert drawn["mean"].tolist() == pytest.approx([2.2, 1.2, 2.2])
    assert drawn["low"].tolist() == pytest.approx([2.1, 1.1, 2.1])
    assert drawn["n"].tolist() == [2, 2, 2]
    assert ranks[1] == {"x": [2], "y": [0.1]}  # the true rank, the noise
    assert penalties[1] == {"y": [0.1]}
    assert shares[0]["at"].unique().tolist() == [0.8, 0.9]


def test_matrices_of_users_have_no_grey_lines(grid) -> None:
    for one in grid:
        one.result["factorization"] |= {"true_rank": None, "noise_variance": None}
    assert all(frames(panel)[1] == {} for panel in factorization(of(grid), "").panels)


def test_figures_can_be_drawn(grid, tmp_path) -> None:
    (errors,) = error_maps(of(grid))
    alone = factorization(of([run(tmp_path, 0.0, iterations=1, lambda_u=0.0)]), NAUGHTY)
    for figure in (factorization(of(grid), ""), error_map(errors, NAUGHTY), alone):
        assert not [drawn for drawn in draw(figure) if NAUGHTY in drawn]


def test_the_map_frames_the_lowest_test_error_and_marks_the_rank(grid) -> None:
    (errors,) = error_maps(of(grid))
    train, test = error_map(errors, "").panels
    cells, framed = frames_of(test)
    assert cells["error"].tolist() == pytest.approx([2.2, 3.1, 1.2, 2.1, 2.2, 3.1])
    assert framed.to_dict("records") == [{"rank": "2 (true)", "penalty": "0.1"}]
    (shown,) = frames_of(train)
    assert shown["error"].tolist() == pytest.approx(errors.train.ravel().tolist())


def test_cells_without_a_run_are_left_out_and_zeros_stay_drawable() -> None:
    values = np.array([[np.nan, 0.0], [0.0, 0.0]])
    errors = ErrorMap("true entries", [1, 2], [0.1, 1.0], values, values, None)
    figure = error_map(errors, "")
    assert len(frames_of(figure.panels[0])[0]) == 3
    assert draw(figure)
    many = replace(errors, penalties=[1.0 * n for n in range(9)], train=np.ones((2, 9)),
                   test=np.ones((2, 9)))  # fmt: skip
    assert len(error_map(many, "").panels[0].chart.layer) == 1  # no room for numbers
