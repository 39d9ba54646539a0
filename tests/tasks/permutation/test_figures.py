"""What a permutation test found, drawn: what stands in the frames, and that they can be drawn."""

import numpy as np
import pytest

from nullfit.tasks.permutation.figures import bins, features, maps, null_distributions
from nullfit.tasks.permutation.findings import Findings
from tests.charts.drawn import NAUGHTY, draw, entries_of, frames_of


@pytest.fixture
def image() -> Findings:
    """Six pixels, of which the left ones are significant and the last is in no patch."""
    random = np.random.default_rng(0)
    p = np.array([[[0.02, 0.2, 1.0], [0.02, 0.04, np.nan]]])
    adjusted = np.minimum(2 * p, 1)
    arrays = {
        "statistic": np.where(np.isfinite(p), 0.2, np.nan),
        "null_statistic": random.random((49, 1, 2, 3)),
        **{"p_value": p, "p_bh": adjusted, "p_holm": adjusted},
        "feature": np.array([[[0, 1, 2], [3, 4, -1]]]),
        "feature_name": [NAUGHTY, "b", "c", "d", "e"],
    }
    return Findings.of_arrays(arrays, "feature")


def lines(frame) -> set[tuple[float, ...]]:
    return {tuple(row) for row in frame[["left", "top", "right", "below"]].to_numpy().tolist()}


def test_maps_show_each_pixel_and_outline_what_is_significant(image) -> None:
    figure = maps(image, "squared", "a note.")
    statistic, p, *_ = figure.panels
    cells, frame, outline = frames_of(p)
    assert cells[["row", "column", "value"]].to_numpy().tolist() == [
        [0, 0, 0.02], [0, 1, 0.2], [0, 2, 1.0], [1, 0, 0.02], [1, 1, 0.04],
    ]  # fmt: skip
    assert len(frame) == 2 * (2 + 3)  # around the image
    assert lines(outline) == {
        (0, 0, 1, 0), (1, 1, 2, 1), (0, 2, 1, 2), (1, 2, 2, 2),
        (0, 0, 0, 1), (0, 1, 0, 2), (1, 0, 1, 1), (2, 1, 2, 2),
    }  # fmt: skip
    assert len(frames_of(statistic)) == 2  # nothing to outline
    scale = p.chart.to_dict()["layer"][0]["encoding"]["color"]["scale"]
    assert (scale["domain"], scale["range"]) == ([0.02, 1], ["#5A9BCB", "#FFFFFF"])
    assert figure.note.startswith("a note. Outlined: p ≤ 0.05. White: p = 1;")


def test_bars_hold_all_replicates_and_the_observed_value(image) -> None:
    for panel, number in zip(
        null_distributions(image, [0, 3], "share", "").panels, (0, 3), strict=True
    ):
        bars, rule = frames_of(panel)
        assert bars["replicates"].sum() == 49
        assert rule["observed"].tolist() == [image.statistic[number]]
        assert panel.title == f"p = 0.02, {image.names[number]}"
    edges = bins(np.zeros(3), 0.0)
    assert (edges[0], edges[-1]) == (-1, 1)


def test_features_stand_in_rows_the_smallest_p_first(image) -> None:
    figure = features(image, "share", "a note.")
    assert entries_of(figure) == [
        "null", "observed", "p", "p, Benjamini–Hochberg", "p, Holm",
    ]  # fmt: skip
    statistic, p = figure.panels
    null, observed = frames_of(statistic)
    assert observed["feature"].tolist() == [NAUGHTY, "d", "e", "b", "c"]
    assert null["median"][0] == np.median(image.null_statistic[:, 0])
    _, found = frames_of(p)
    assert found[found["series"] == 2]["p"].tolist() == [0.02, 0.02, 0.04, 0.2, 1]


def test_figures_can_be_drawn_whatever_the_names_are(image) -> None:
    for figure in (
        maps(image, "squared", NAUGHTY),
        null_distributions(image, [0], "squared", NAUGHTY),
        features(image, "squared", NAUGHTY),
    ):
        assert not [drawn for drawn in draw(figure) if NAUGHTY in drawn]
