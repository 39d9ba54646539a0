"""Scores of each training sample, from networks that were trained with it and without it.

- Memorization: Feldman, "Does Learning Require Memorization? A Short Tale about a Long Tail" (STOC
  2020); estimated as in Feldman and Zhang, "What Neural Networks Memorize and Why" (NeurIPS 2020,
  arXiv 2008.03703), section 2.
- C-score: Jiang, Zhang, Talwar, Mozer, "Characterizing Structural Regularities of Labeled Data in
  Overparameterized Models" (ICML 2021, arXiv 2002.03206), section 3.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float64, Int64

from nullfit.tasks.memorization.answers import Answers


def scores(answers: Answers, shares: int) -> dict[str, Float64[np.ndarray, " n"]]:
    """Scores by name; NaN of samples that all trainings, or none, were trained on.

    With several shares each score is the mean over those at which it is known.

    - ``memorization``: the share of networks trained on a sample that name its label, less the
      share of those not trained on it, in [-1, 1].
    - ``memorization_error``: the standard error of that difference.
    - ``c_score``: the share of networks not trained on it that name its label.
    - ``held_out_probability``: the mean probability that these give to its label.
    """
    parts = list(map(_of_one_share, by_share(answers, shares)))
    found = {name: np.array([part[name] for part in parts]) for name in parts[0]}
    error = found.pop("variance")
    known = np.isfinite(error).sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(np.nansum(error, axis=0)) / known
    means = {name: mean_of_known(values) for name, values in found.items()}
    return {
        "memorization": means["memorization"],
        "memorization_error": np.where(known > 0, error, np.nan),
        "c_score": means["c_score"],
        "held_out_probability": means["held_out_probability"],
    }


def by_share(answers: Answers, shares: int) -> Iterator[Answers]:
    """The trainings of each share of which there are any."""
    for share in range(shares):
        own = answers.trainings % shares == share
        if own.any():
            yield answers.rows(own)


def _of_one_share(answers: Answers) -> dict[str, Float64[np.ndarray, " n"]]:
    inside, count_in = _rate(answers.correct, answers.subset)
    outside, count_out = _rate(answers.correct, ~answers.subset)
    probability = 1 / (1 + np.exp(-answers.margin.astype(np.float64)))
    with np.errstate(invalid="ignore"):
        held_out = np.where(answers.subset, 0.0, probability).sum(0) / count_out
    return {
        "memorization": inside - outside,
        "variance": _variance(inside, count_in) + _variance(outside, count_out),
        "c_score": outside,
        "held_out_probability": held_out,
    }


def _rate(
    correct: Bool[np.ndarray, "t n"], among: Bool[np.ndarray, "t n"]
) -> tuple[Float64[np.ndarray, " n"], Int64[np.ndarray, " n"]]:
    """The share of correct answers among some trainings, and how many these are."""
    count = among.sum(0)
    with np.errstate(invalid="ignore"):
        return (correct & among).sum(0) / count, count


def _variance(
    rate: Float64[np.ndarray, " n"], count: Int64[np.ndarray, " n"]
) -> Float64[np.ndarray, " n"]:
    """Of the estimate of a rate: never zero, since half an answer of either kind is added."""
    with np.errstate(invalid="ignore", divide="ignore"):
        smoothed = (rate * count + 0.5) / (count + 1)
        variance: Float64[np.ndarray, " n"] = smoothed * (1 - smoothed) / count
    return variance


def mean_of_known(values: Float64[np.ndarray, "s n"]) -> Float64[np.ndarray, " n"]:
    """The mean over the rows, of what is a number; NaN where nothing is."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        mean: Float64[np.ndarray, " n"] = np.where(known, values, 0).sum(0) / known.sum(0)
    return mean
