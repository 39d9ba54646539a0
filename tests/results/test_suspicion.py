"""A rank by suspicion: which end of a score it begins at."""

import numpy as np
import pytest

from nullfit.probes.dynamics.statistics import SCORES
from nullfit.results.suspicion import SUSPICIOUS, suspicion


@pytest.mark.parametrize("score", SUSPICIOUS)
def test_ranks_begin_at_the_end_that_is_not_suspicious(score: str) -> None:
    ranks = suspicion(score, np.array([3.0, 1.0, 2.0, 1.0]))
    rising = [4, 1.5, 3, 1.5]
    assert ranks.tolist() == (rising if SUSPICIOUS[score] == "large" else [1, 3.5, 2, 3.5])


def test_what_was_never_learnt_is_the_most_suspicious() -> None:
    assert suspicion("forgetting", np.array([0, 2, np.inf, 0, np.inf])).tolist() == [
        *(1.5, 3, 4.5, 1.5, 4.5),
    ]
    learnt = np.array([1, 1, 0, 4, 0], dtype=np.int32)
    assert suspicion("first_learnt", learnt).tolist() == [1.5, 1.5, 4.5, 3, 4.5]


def test_a_sample_without_a_value_has_no_rank() -> None:
    ranks = suspicion("c_score", np.array([0.5, np.nan, 0.1]))
    assert np.array_equal(ranks, [1, np.nan, 2], equal_nan=True)


def test_every_score_of_the_dynamics_has_an_end() -> None:
    assert set(SCORES) < set(SUSPICIOUS)
