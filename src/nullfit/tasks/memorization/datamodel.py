"""How well sums over a training subset foretell what a network trained on it answers.

The linear datamodeling score: Park, Georgiev, Ilyas, Leclerc, Madry, "TRAK: Attributing Model
Behavior at Scale" (ICML 2023, arXiv 2303.14186), section 2: the rank correlation, over subsets,
between the sum of the subset's attributions to a test sample and the sample's margin; the mean over
the test samples.
"""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float, Float64
from scipy.stats import rankdata
from torch import Tensor

from nullfit.tasks.memorization.answers import Answers
from nullfit.tasks.memorization.influence import Effects
from nullfit.tasks.memorization.scores import by_share

_LEAST_TRAININGS = 10  # of a share, to estimate from and again to foretell
_BLOCK = 2048


def halves(answers: Answers, shares: int) -> tuple[Answers, Answers] | None:
    """Trainings to estimate from, and others to foretell; None where these are too few."""
    rank = answers.trainings // shares  # within its share
    first = rank < (rank.max() + 1) // 2
    found = answers.rows(first), answers.rows(~first)
    fewest = min(len(part) for half in found for part in by_share(half, shares))
    return found if fewest >= _LEAST_TRAININGS else None


def influence_score(estimated: Answers, foretold: Answers, shares: int) -> float:
    """Of the influences that some trainings give, on other trainings; several shares: the mean."""
    found = []
    for source, target in zip(by_share(estimated, shares), by_share(foretold, shares), strict=True):
        effects, subset = Effects(source), torch.from_numpy(target.subset)
        sums = torch.zeros(target.test_correct.shape)
        for start in range(0, subset.shape[1], _BLOCK):
            chosen = slice(start, min(start + _BLOCK, subset.shape[1]))
            sums += subset[:, chosen].float() @ effects.block(chosen)
        found.append(_mean_rank_correlation(sums.double().numpy(), _margins(target)))
    return float(np.mean(found))


def ranking_scores(
    rankings: Mapping[str, Float64[np.ndarray, " n"]], foretold: Answers, shares: int
) -> dict[str, float]:
    """Of numbers that each training sample has, the same for all test samples."""
    found: dict[str, float] = {}
    for name, values in rankings.items():
        finite = values[np.isfinite(values)]
        # What was never learnt was forgotten infinitely often: no sum bears that.
        known = np.nan_to_num(values, nan=finite.mean(), posinf=finite.max())
        correlations = [
            _mean_rank_correlation(part.subset @ known[:, None], _margins(part))
            for part in by_share(foretold, shares)
        ]
        found[name] = float(np.mean(correlations))
    return found


def _margins(answers: Answers) -> Float64[np.ndarray, "t m"]:
    return answers.test_margin.astype(np.float64)


def _mean_rank_correlation(
    foretold: Float64[np.ndarray, "t _k"], seen: Float64[np.ndarray, "t m"]
) -> float:
    """Spearman's correlation over the rows, the mean over the columns of ``seen``.

    ``foretold`` has as many columns, or one that goes with all. A column that is constant on
    either side says nothing, and counts as 0.
    """
    a, b = (_standardized(torch.from_numpy(rankdata(x, axis=0))) for x in (foretold, seen))
    return float((a * b).sum(0).mean())


def _standardized(ranks: Float[Tensor, "t k"]) -> Float[Tensor, "t k"]:
    centered = ranks - ranks.mean(0)
    lengths = centered.norm(dim=0).clamp_min(torch.finfo(ranks.dtype).tiny)
    standardized: Float[Tensor, "t k"] = centered / lengths
    return standardized
