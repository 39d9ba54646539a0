"""Samples by how wrong their labels look, over one run or several."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64

from nullfit.errors import UserError
from nullfit.results.ranking import area_under_curve
from nullfit.results.samples import Samples
from nullfit.results.suspicion import suspicion
from nullfit.system.files import appearing

_COLUMNS = ("index", "file", "label", "true_label", "score", "rank", "class", "taken_for")


@dataclass(frozen=True)
class Suspects:
    """The ``samples`` of the runs; ``order`` has the most suspicious first.

    ``scores`` and ``ranks``, the larger the more suspicious, are means over the runs.
    """

    samples: Samples
    scores: Float64[np.ndarray, " n"]
    ranks: Float64[np.ndarray, " n"]
    order: Int64[np.ndarray, " n"]

    def tied(self, count: int) -> int:
        """How many samples after the first ``count`` are as suspicious as the last of these."""
        last, others = self.ranks[self.order[count - 1]], self.ranks[self.order[count:]]
        return int((others == last).sum())

    def write(
        self,
        path: Path,
        count: int,
        classes: Sequence[str] = (),
        taken_for: Int64[np.ndarray, " n"] | None = None,
    ) -> None:
        """Write the first ``count``; a true label stands there if some label was corrupted.

        ``class`` is the label by its name among ``classes``, ``taken_for`` that of the class that
        the network took the sample for (see `taken_for`), empty where nothing tells.

        Raises:
            StorageError: the disk is full, or the folder cannot be written to.
        """
        samples, known = self.samples, bool(self.samples.corrupted.any())
        names = dict(enumerate(classes))
        with (
            appearing(path) as temporary,
            temporary.open("w", encoding="utf-8", newline="") as file,
        ):
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_COLUMNS)
            for rank, at in enumerate(self.order[:count].tolist(), start=1):
                place, name = int(samples.index[at]), samples.file[at]
                labels = int(samples.label[at]), int(samples.true_label[at]) if known else ""
                other = -1 if taken_for is None else int(taken_for[at])
                named = names.get(labels[0], ""), names.get(other, "")
                writer.writerow([place, name, *labels, f"{self.scores[at]:.6g}", rank, *named])


def taken_for(
    runs: Sequence[Int64[np.ndarray, " n"] | None],
) -> Int64[np.ndarray, " n"] | None:
    """The class that most runs took each sample for, when they last took it for another than its
    label.

    -1 where none did; among equals the class that comes first. None where no run tells.
    """
    told = [run for run in runs if run is not None]
    if not told:
        return None
    votes = np.stack(told)
    classes = np.unique(votes[votes >= 0])
    if not len(classes):
        return told[0]
    counts = np.stack([(votes == one).sum(0) for one in classes])
    most: np.ndarray = np.where(counts.any(0), classes[counts.argmax(0)], -1)
    return most


def ranked(runs: Sequence[Samples], score: str) -> Suspects:
    """Rank samples by the mean over the runs of their ranks by a score.

    Ranks, because scores of networks differ in scale. A sample that no run has a value of comes
    last; among equals the first comes first.

    Raises:
        UserError: the runs trained on other samples or labels, or have no such score.
    """
    first = runs[0]
    if any(_differ(first, run) for run in runs[1:]):
        raise UserError(
            f"clean.run: its {len(runs)} runs trained on other samples or labels each, since their "
            "corruption follows from their seeds: ranks of one sample do not belong together.\n"
            "Give the folder of one run, or repeat the runs with seeds.corruption=0."
        )
    found = np.array([run.score(score, "clean.score") for run in runs])
    ranks = _mean(np.array([suspicion(score, values) for values in found]), nothing=0.0)
    return Suspects(first, _mean(found), ranks, np.argsort(-ranks, kind="stable"))


def best_score(runs: Sequence[Samples]) -> tuple[str, float]:
    """The score that finds the corrupted labels best, and its area under the ROC curve.

    The runs belong together, and some of their labels are corrupted and some are not.
    """
    areas = {
        score: area_under_curve(ranked(runs, score).ranks, runs[0].corrupted)
        for score in runs[0].scores
    }
    return max(areas.items(), key=lambda item: item[1])


def _differ(one: Samples, other: Samples) -> bool:
    same = np.array_equal(one.index, other.index) and np.array_equal(one.label, other.label)
    return not same


def _mean(
    values: Float64[np.ndarray, "runs n"], nothing: float = np.nan
) -> Float64[np.ndarray, " n"]:
    """The mean over the runs that have a value, or ``nothing``."""
    known = ~np.isnan(values)
    total = np.where(known, values, 0).sum(0)
    return np.where(known.any(0), total / np.maximum(known.sum(0), 1), nothing)
