"""What a set of trainings comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64

from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.results.ranking import area_under_curve
from nullfit.results.samples import write_samples
from nullfit.results.suspicion import suspicion
from nullfit.tasks.memorization.answers import Answers
from nullfit.tasks.memorization.datamodel import halves, influence_score, ranking_scores
from nullfit.tasks.memorization.influence import Influences, influences
from nullfit.tasks.memorization.membership import FALSE_POSITIVES, Membership, memberships
from nullfit.tasks.memorization.published import compared
from nullfit.tasks.memorization.scores import scores
from nullfit.tasks.memorization.settings import MEMORIZED, MemorizationSettings
from nullfit.tasks.memorization.shown import Shown

_SCORES = ("memorization", "c_score", "held_out_probability")


@dataclass(frozen=True)
class Found:
    """Metrics, the task's section of result.json, arrays, and the scores of each sample."""

    metrics: dict[str, Any]
    fields: dict[str, Any]
    arrays: dict[str, np.ndarray]
    scores: dict[str, np.ndarray] = field(default_factory=dict)

    def write_samples(self, folder: Path, train: Split) -> Path:
        """Write samples.csv."""
        return write_samples(folder, train, {"memorization": self.scores})


def find(
    answers: Answers,
    settings: MemorizationSettings,
    data: RandomizedData,
    published: Float64[np.ndarray, " n"] | None = None,
    rankings: Mapping[str, Float64[np.ndarray, " n"]] | None = None,
) -> Found:
    """All that is told of the trainings of a set.

    ``published`` are C-scores of others, ``rankings`` scores that another run gave the samples.
    """
    shares = len(settings.shares)
    own = scores(answers, shares)
    changed = data.train.label_changed.numpy(force=True)
    carried = influences(answers, shares, settings.influence)
    fields: dict[str, Any] = {
        "trainings": len(answers),
        "shares": list(settings.shares),
        "unknown": int((~np.isfinite(own["memorization"])).sum()),
        "typical_error": _median(own["memorization_error"]),
        "memorized": int((own["memorization"] >= MEMORIZED).sum()),
        "area_under_curve": areas(own, changed),
        "influences": len(carried.values),
        "influences_left_out": carried.left_out,
        "membership": _membership(answers, shares, changed),
        "linear_datamodeling_score": _datamodel(answers, shares, rankings or {}),
    }
    if published is not None:
        fields["published"] = compared(own["c_score"], published)
    singles = {name: values.astype(np.float32) for name, values in own.items()}
    arrays = {**singles, **_pairs(carried), **Shown.of(own, carried, data).arrays()}
    return Found(_metrics(answers, own), fields, arrays, singles)


def areas(
    found: Mapping[str, Float64[np.ndarray, " n"]], changed: Bool[np.ndarray, " n"]
) -> dict[str, float | None]:
    """The area under the ROC curve by score, of the samples that have one.

    None where there are no two kinds to tell apart.
    """
    areas: dict[str, float | None] = {}
    for name in _SCORES:
        known = np.isfinite(found[name])
        ranks = suspicion(name, found[name])[known]
        both = bool(changed[known].any()) and not changed[known].all()
        areas[name] = area_under_curve(ranks, changed[known]) if both else None
    return areas


def _metrics(answers: Answers, own: Mapping[str, Float64[np.ndarray, " n"]]) -> dict[str, Any]:
    """Means over the trainings: on their subsets, on what they left out, on the test set."""
    inside = answers.subset
    return {
        "train/accuracy": float(answers.correct[inside].mean()),
        "held_out/accuracy": float(answers.correct[~inside].mean()),
        "test/accuracy": float(answers.test_correct.mean()),
        "memorization": _mean(own["memorization"]),
        "c_score": _mean(own["c_score"]),
    }


def _mean(values: Float64[np.ndarray, " n"]) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def _median(values: Float64[np.ndarray, " n"]) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None


def _pairs(carried: Influences) -> dict[str, np.ndarray]:
    return {
        "influence": carried.values,
        "influence_train": carried.train,
        "influence_test": carried.test,
    }


def _membership(
    answers: Answers, shares: int, changed: Bool[np.ndarray, " n"]
) -> dict[str, dict[str, Any] | None]:
    """The attack on all samples, on untouched and on corrupted ones."""
    kinds = {"all": np.ones_like(changed), "untouched": ~changed, "corrupted": changed}
    found = memberships(answers, shares, list(kinds.values()))
    return {kind: _rates(of) for kind, of in zip(kinds, found, strict=True)}


def _rates(of: Membership | None) -> dict[str, Any] | None:
    if of is None:
        return None
    rates = {
        f"true_positive_rate_at_{rate:g}": found
        for rate, found in zip(FALSE_POSITIVES, of.true_positive_rates, strict=True)
    }
    return {"pairs": of.pairs, "area_under_curve": of.area_under_curve, **rates}


def _datamodel(
    answers: Answers, shares: int, rankings: Mapping[str, Float64[np.ndarray, " n"]]
) -> dict[str, float] | None:
    """Scores of what the first half of the trainings gives, on the second; None of too few.

    Rankings from elsewhere have the name of their score; our own of the same name come first.
    """
    parts = halves(answers, shares)
    if parts is None:
        return None
    estimated, foretold = parts
    given = scores(estimated, shares)
    tried = {**rankings, **{name: given[name] for name in _SCORES}}
    found = ranking_scores(tried, foretold, shares)
    return {"influence": influence_score(estimated, foretold, shares), **found}
