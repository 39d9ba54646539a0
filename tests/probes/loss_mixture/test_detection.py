"""Precision, recall and area under the curve, and where they are not defined."""

import numpy as np
import pytest

from nullfit.probes.loss_mixture.detection import detection, detection_text

SCORES = np.array([0.9, 0.8, 0.3, 0.2, 0.1])


def test_counted_by_hand() -> None:
    mask = np.array([True, False, True, False, False])
    found = detection(SCORES, SCORES > 0.5, mask)
    assert found["precision"] == 1 / 2
    assert found["recall"] == 1 / 2
    assert found["area_under_curve"] == pytest.approx(5 / 6)  # of 2 × 3 pairs one is in disorder


@pytest.mark.parametrize(
    ("mask", "flagged", "defined"),
    [
        ([False] * 5, [True] * 5, set()),
        ([True] * 5, [True] * 5, {"precision", "recall"}),
        ([True] * 3 + [False] * 2, [False] * 5, {"recall", "area_under_curve"}),
    ],
    ids=["none corrupted", "all corrupted", "none flagged"],
)
def test_what_is_not_defined_is_none(mask, flagged, defined: set[str]) -> None:
    found = detection(SCORES, np.array(flagged), np.array(mask))
    assert {name for name, value in found.items() if value is not None} == defined
    assert detection_text(found)
