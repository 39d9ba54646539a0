"""Sets of trainings made by hand."""

import numpy as np

from nullfit.tasks.memorization.answers import Answers


def answers(subset, correct, test_correct=None, margin=None, test_margin=None, trainings=None):
    """Answers of t trainings; margins are ±2 unless given."""
    subset, correct = np.array(subset, dtype=bool), np.array(correct, dtype=bool)
    tested = correct[:, :1] if test_correct is None else np.array(test_correct, dtype=bool)
    of = np.where(correct, 2.0, -2.0) if margin is None else np.array(margin)
    of_test = np.where(tested, 2.0, -2.0) if test_margin is None else np.array(test_margin)
    return Answers(
        np.arange(len(subset)) if trainings is None else np.array(trainings),
        subset,
        correct,
        of.astype(np.float16),
        tested,
        of_test.astype(np.float16),
        np.ones(len(subset)),
    )
