"""Areas and precisions of scores, by hand."""

from pathlib import Path

import numpy as np
import pytest

from nullfit.errors import UserError
from nullfit.results.detectors import detectors_of, is_compared, precision_at_level
from nullfit.results.samples import read_samples
from tests.results.scored import scored


def test_each_score_is_held_against_the_mask(tmp_path: Path) -> None:
    runs = [
        scored(tmp_path, [0, 1], {"aum": [-3, 2, 1, 4], "loss": [9, 8, 1, 0]}),
        scored(tmp_path, [0, 1], {"aum": [-3, -2, 1, 4], "loss": [9, 8, 1, 0]}, seed=1),
    ]
    aum, loss = detectors_of(runs)
    assert (aum.score, aum.network, aum.level) == ("aum", "MLP 1×512", 0.4)
    assert aum.kind == "random labels, always change"
    assert aum.areas == [0.75, 1]
    assert aum.precisions == [0.5, 1]
    assert loss.areas == loss.precisions == [1, 1]
    assert aum.changed == [0.5, 0.5]
    assert aum.seconds == [2, 4]


def test_scores_of_memorization_have_their_ends(tmp_path: Path) -> None:
    scores = {
        "memorization": [0.9, 0.8, 0.1, 0.0],
        "memorization_error": [0.1, 0.1, 0.1, 0.1],
        "c_score": [0.1, 0.2, 0.8, 0.9],
        "held_out_probability": [0.0, np.nan, 0.8, 0.9],
    }
    found = detectors_of([scored(tmp_path, [0, 1], scores, "memorization")])
    assert {one.score: one.areas for one in found} == {
        "memorization": [1],
        "c_score": [1],
        "held_out_probability": [1],
    }
    assert {one.score: one.precisions for one in found}["held_out_probability"] == [0.5]


def test_networks_are_told_apart_by_what_differs(tmp_path: Path) -> None:
    scores = {"aum": [0.0, 1, 2]}
    runs = [
        scored(tmp_path, [0], scores, trainer={"max_epochs": 5}),
        scored(tmp_path, [0], scores, trainer={"max_epochs": 10}),
        scored(tmp_path, [0], scores, "memorization"),
        scored(tmp_path, [0], scores, level=0.2, trainer={"max_epochs": 5}),
    ]
    names = [(one.network, one.level) for one in detectors_of(runs)]
    assert sorted(names) == [
        ("MLP 1×512", 0.4),
        ("MLP 1×512, max_epochs=10", 0.4),
        ("MLP 1×512, max_epochs=5", 0.2),
        ("MLP 1×512, max_epochs=5", 0.4),
    ]


def test_seeds_and_trainings_are_no_other_network(tmp_path: Path) -> None:
    scores = {"c_score": [0.0, 1, 2]}
    settings = [(0, 0.4, 20), (1, 0.2, 20), (1, 0.2, 40)]
    runs = [
        scored(
            tmp_path,
            [0],
            scores,
            "memorization",
            seed,
            level,
            memorization={"trainings": trainings},
        )
        for seed, level, trainings in settings
    ]
    found = [(one.network, one.level, one.seconds) for one in detectors_of(runs)]
    assert found == [("MLP 1×512", 0.2, [4.0]), ("MLP 1×512", 0.4, [2.0])]


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        ([4, 3, 2, 1], 1),
        ([1, 2, 3, 4], 0),
        ([4, 2, 2, 2], (1 + 1 / 3) / 2),
        ([2.5, 2.5, 2.5, 2.5], 0.5),
        ([4, np.nan, 2, 3], 0.5),
    ],
)
def test_samples_that_tie_count_in_part(ranks: list[float], expected: float) -> None:
    mask = np.array([True, True, False, False])
    assert precision_at_level(np.array(ranks, dtype=float), mask) == pytest.approx(expected)


def test_runs_without_two_kinds_of_labels_are_not_compared(tmp_path: Path) -> None:
    scores = {"aum": [0.0, 1, 2]}
    runs = [scored(tmp_path, changed, scores) for changed in ([], [1], [0, 1, 2])]
    assert [is_compared(run) for run in runs] == [False, True, False]
    (runs[1].folder / "samples.csv").unlink()
    assert not is_compared(runs[1])


@pytest.mark.parametrize(
    "text",
    ["", "index\n1\n", "index,file,label,true_label,corrupted,aum\n0,,0,x,0,1\n", "index\n1,2\n"],
)
def test_damaged_samples_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "samples.csv").write_text(text)
    with pytest.raises(UserError, match=r"samples\.csv is damaged"):
        read_samples(tmp_path)
