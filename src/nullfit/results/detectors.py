"""How well each score of a study's runs finds the labels that were corrupted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float64

from nullfit.charts.appearance import network_words
from nullfit.results.grouping import Group, corruption_label, groups_of, label_of
from nullfit.results.ranking import area_under_curve
from nullfit.results.samples import has_samples, read_samples
from nullfit.results.settings import differing_by, flat_settings
from nullfit.results.suspicion import SUSPICIOUS, suspicion
from nullfit.results.task_run import TaskRun

_TRAININGS = "memorization.trainings"
_ELSEWHERE = ("task.", "corruption.", "model.name", "data.name", "probe", "seed", _TRAININGS)


@dataclass(frozen=True)
class Detector:
    """A score on runs that differ in the seed only; lists have an entry for each run.

    ``network`` is the model with whatever else sets it apart in the study, ``kind`` the corruption
    without its ``level``, the strength that was asked for; ``changed`` is the share of labels that
    it changed. ``areas`` are those under the ROC curve, ``precisions`` the shares of corrupted
    labels among as many of the most suspicious samples as there are corrupted ones, ``seconds`` how
    long the runs took, with all their scores.
    """

    data: str
    network: str
    corruption: str
    kind: str
    level: float
    score: str
    areas: list[float] = field(default_factory=list)
    precisions: list[float] = field(default_factory=list)
    changed: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def is_compared(run: TaskRun) -> bool:
    """Whether a run left scores, and corrupted some labels and not all."""
    changed = run.result.get("corruption", {}).get("labels_changed")
    return isinstance(changed, float) and 0 < changed < 1 and has_samples(run.folder)


def detectors_of(runs: Iterable[TaskRun]) -> list[Detector]:
    """Every score of every setting, in the order of `SUSPICIOUS`, mild levels before strong ones.

    Of runs that differ in their number of trainings those of the most count: they took over the
    others.

    Raises:
        UserError: the samples of a run are damaged.
    """
    groups = _of_most_trainings(groups_of(runs))
    found = [
        detector
        for group, network in zip(groups, _networks(groups), strict=True)
        for detector in _of_group(group, network)
    ]
    return sorted(found, key=lambda detector: list(SUSPICIOUS).index(detector.score))


def _of_most_trainings(groups: Sequence[Group[TaskRun]]) -> list[Group[TaskRun]]:
    most: dict[str, tuple[int, Group[TaskRun]]] = {}
    for group in groups:
        flat = flat_settings(group.runs[0].config) if group.runs[0].config else {}
        flat.pop("seed", None)
        trainings = int(flat.pop(_TRAININGS, 0))
        key = str(sorted(flat.items())) if flat else group.runs[0].folder.name
        if key not in most or most[key][0] < trainings:
            most[key] = trainings, group
    return [group for group in groups if any(group is kept for _, kept in most.values())]


def _of_group(group: Group[TaskRun], network: str) -> list[Detector]:
    made: dict[str, Detector] = {}
    for run in group.runs:
        samples, told = read_samples(run.folder), run.result["corruption"]
        for score, values in samples.scores.items():
            ranks = suspicion(score, values)
            known = ~np.isnan(ranks)
            if len(set(samples.corrupted[known].tolist())) < 2:
                continue
            if score not in made:
                kind, level = _kind_and_level(run)
                data = str(run.result["data"]["name"])
                made[score] = Detector(data, network, run.corruption, kind, level, score)
            detector = made[score]
            detector.areas.append(area_under_curve(ranks[known], samples.corrupted[known]))
            detector.precisions.append(precision_at_level(ranks, samples.corrupted))
            detector.changed.append(float(told["labels_changed"]))
            detector.seconds.append(float(run.result.get("wall_seconds", np.nan)))
    return list(made.values())


def precision_at_level(ranks: Float64[np.ndarray, " n"], mask: Bool[np.ndarray, " n"]) -> float:
    """The share of corrupted samples among the k of the highest ranks, k being how many there are.

    Of samples that tie for the last places each is as likely to be among them; one without a rank
    comes last.
    """
    found, count = np.nan_to_num(ranks, nan=0.0), int(mask.sum())
    threshold = np.sort(found)[-count]
    above, tied = found > threshold, found == threshold
    share = float(mask[tied].mean())
    return float((mask[above].sum() + (count - above.sum()) * share) / count)


def _kind_and_level(run: TaskRun) -> tuple[str, float]:
    told, strength = run.result["corruption"], run.strength
    if len(strength) != 1:
        return corruption_label(run), float(told["labels_changed"])
    words = {key: told[key] for key in ("always_change", "key") if key in told}
    return label_of(run.corruption, words), float(next(iter(strength.values())))


def _networks(groups: Sequence[Group[TaskRun]]) -> list[str]:
    """The model of each group, with the settings that tell it from others of the same name."""
    firsts = [group.runs[0] for group in groups]
    flats = [flat_settings(run.config) if run.config else {} for run in firsts]
    models = [str(run.result.get("model", {}).get("name", run.task)) for run in firsts]
    keys = differing_by(
        [(model, run.task) for model, run in zip(models, firsts, strict=True)], flats
    )
    return [
        network_words(
            ", ".join(
                [
                    model,
                    *(
                        f"{key.rpartition('.')[2]}={flat[key]}"
                        for key in keys[model, run.task]
                        if key in flat and not key.startswith(_ELSEWHERE)
                    ),
                ]
            )
        )
        for model, run, flat in zip(models, firsts, flats, strict=True)
    ]
