"""Who was in the training set? The likelihood-ratio attack, with every network its own target.

Carlini, Chien, Nasr, Song, Terzis, Tramèr, "Membership Inference Attacks From First Principles"
(S&P 2022, arXiv 2112.03570), section 4: of a sample the margins ln(p / (1 − p)) of networks trained
with it and without it are two normal distributions; a network's own margin is more likely under
one of them. Each network is attacked by means of all others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

from nullfit.results.ranking import area_under_curve
from nullfit.tasks.memorization.answers import Answers
from nullfit.tasks.memorization.scores import by_share

_OWN_VARIANCE = 32  # networks from which on a sample has variances of its own
_MOST_PAIRS = 4_000_000  # of a network and a sample
_LEAST_VARIANCE = 1e-12
FALSE_POSITIVES = (0.001, 0.01)


@dataclass(frozen=True)
class Membership:
    """How well the attack tells members from others, over ``pairs`` of a network and a sample.

    ``true_positive_rates`` are the largest at no more than each rate of `FALSE_POSITIVES`.
    """

    pairs: int
    area_under_curve: float
    true_positive_rates: tuple[float, ...]


def memberships(
    answers: Answers, shares: int, kinds: Sequence[Bool[np.ndarray, " n"]]
) -> list[Membership | None]:
    """The attack on each kind of samples; None of a kind that leaves nothing to compare.

    Of very many pairs those of samples at equal distances are taken.
    """
    step = max(1, -(-answers.subset.size // _MOST_PAIRS))
    parts = [(part.margin[:, ::step], part.subset[:, ::step]) for part in by_share(answers, shares)]
    ratios = np.concatenate([likelihood_ratios(m.astype(np.float64), s) for m, s in parts])
    inside = np.concatenate([subset for _, subset in parts])
    return [_membership(ratios[:, kind[::step]], inside[:, kind[::step]]) for kind in kinds]


def likelihood_ratios(
    margins: Float64[np.ndarray, "t n"], inside: Bool[np.ndarray, "t n"]
) -> Float64[np.ndarray, "t n"]:
    """The logarithm of N(margin | in) / N(margin | out), of each network by means of all others.

    NaN where fewer than two others were trained with the sample, or without it.
    """
    with_it, without = (_log_density(margins, kind) for kind in (inside, ~inside))
    ratios: Float64[np.ndarray, "t n"] = with_it - without
    return ratios


def _log_density(
    margins: Float64[np.ndarray, "t n"], among: Bool[np.ndarray, "t n"]
) -> Float64[np.ndarray, "t n"]:
    """Of each margin, under the normal distribution of the others ``among`` all networks.

    A sample of few networks has one variance with all others (their squares over their degrees of
    freedom, of all networks), as in section VI of the source.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        center = np.where(among, margins, 0.0).sum(0) / among.sum(0)
        offsets = np.where(among, margins - center, 0.0)
        count = among.sum(0) - among  # each network left out of its own
        mean = (offsets.sum(0) - offsets) / count
        squares = (offsets**2).sum(0) - offsets**2
        variance = (squares - count * mean**2) / (count - 1)
        common = (offsets**2).sum() / max(int((among.sum(0) - 1).clip(0).sum()), 1)
        variance = np.where(count >= _OWN_VARIANCE, variance, common).clip(_LEAST_VARIANCE)
        density: Float64[np.ndarray, "t n"] = -0.5 * (
            (margins - center - mean) ** 2 / variance + np.log(variance)
        )
    return np.where(count >= 2, density, np.nan)


def _membership(
    ratios: Float64[np.ndarray, "t k"], inside: Bool[np.ndarray, "t k"]
) -> Membership | None:
    known = np.isfinite(ratios)
    scores, members = ratios[known], inside[known]
    if not members.any() or members.all():
        return None
    rates = tuple(_true_positives(scores, members, rate) for rate in FALSE_POSITIVES)
    return Membership(len(scores), area_under_curve(scores, members), rates)


def _true_positives(
    scores: Float64[np.ndarray, " k"], members: Bool[np.ndarray, " k"], rate: float
) -> float:
    """The share of members above the threshold that at most so many others are above."""
    others = np.sort(scores[~members])
    allowed = int(rate * len(others))
    threshold = others[len(others) - 1 - allowed]
    above: Int64[np.ndarray, ""] = np.asarray((scores[members] > threshold).sum())
    return float(above / members.sum())
