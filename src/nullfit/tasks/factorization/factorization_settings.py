"""Factorizations that differ in the seed only, and how they lie along K, λ and p."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from nullfit.results.grouping import Group, groups_of
from nullfit.results.metrics_file import metrics_table
from nullfit.results.task_run import TaskRun

_DECIDING = ("rank", "lambda_u", "lambda_v", "train_share", "iterations")
_TIED = 1e-9


@dataclass(frozen=True)
class FactorizationSetting(Group[TaskRun]):
    """``values`` are the settings of the fit by key."""

    values: dict[str, float]

    def curve(self, metric: str) -> Float64[np.ndarray, " iterations"]:
        """The metric after each iteration, mean over its runs."""
        tables = [metrics_table(run.folder, "iteration", metric) for run in self.runs]
        read = [table[metric].to_numpy() for table in tables]
        return np.asarray(np.mean(read, axis=0))

    @property
    def tied(self) -> bool:
        """Whether both factors have one penalty."""
        return abs(self.values["lambda_u"] - self.values["lambda_v"]) <= _TIED


def by_matrix(runs: Sequence[TaskRun]) -> dict[str, list[FactorizationSetting]]:
    """The settings on each matrix, true entries first."""
    found: dict[str, list[FactorizationSetting]] = defaultdict(list)
    for group in groups_of(runs):
        result = group.runs[0].result
        values = {key: float(result["factorization"][key]) for key in _DECIDING}
        setting = FactorizationSetting(group.corruption, group.label, group.runs, values)
        found[str(result["data"]["source"])].append(setting)
    for settings in found.values():  # stable: the order of corruptions stays
        labels = list(dict.fromkeys(setting.label for setting in settings))
        settings.sort(key=lambda s: (labels.index(s.label), *s.values.values()))
    return dict(found)


def best(settings: Sequence[FactorizationSetting]) -> FactorizationSetting:
    """The one with the lowest test error, among those on true entries if there are any.

    Other shares are tested on other entries, so it is chosen where most of them were tried.
    """
    clean = [s for s in settings if s.corruption == "none"] or settings
    tried = Counter((s.values["train_share"], s.values["iterations"]) for s in clean)
    most = max(tried, key=lambda how: (tried[how], how))
    among = [s for s in clean if (s.values["train_share"], s.values["iterations"]) == most]
    return min(among, key=lambda s: s.measured("test/mse").mean)


def axes_of(settings: Sequence[FactorizationSetting]) -> list[str]:
    """The keys that differ; one penalty for both factors counts as ``lambda_u``."""
    left_out = ["lambda_v"] if all(s.tied for s in settings) else []
    return [
        key
        for key in _DECIDING
        if key not in left_out and len({s.values[key] for s in settings}) > 1
    ]


def held_along(settings: Sequence[FactorizationSetting], key: str) -> dict[str, float] | None:
    """Where the other axes stay while ``key`` changes; None if it changes nowhere alone.

    That is at the best setting or, if no other value of ``key`` was tried there, at the lowest test
    error of all places where several were.
    """
    held = [axis for axis in axes_of(settings) if axis != key]
    places: dict[tuple[float, ...], list[FactorizationSetting]] = defaultdict(list)
    for setting in [s for s in settings if s.corruption == "none"] or settings:
        places[tuple(setting.values[axis] for axis in held)].append(setting)
    errors = {
        place: min(setting.measured("test/mse").mean for setting in tried)
        for place, tried in places.items()
        if len({setting.values[key] for setting in tried}) > 1
    }
    if not errors:
        return None
    at = tuple(best(settings).values[axis] for axis in held)
    if at not in errors:
        at = min(errors, key=lambda place: errors[place])
    return dict(zip(held, at, strict=True))


def slices(
    settings: Sequence[FactorizationSetting], key: str
) -> dict[str, list[FactorizationSetting]]:
    """By corruption, several settings that differ in ``key`` alone, held as `held_along` says."""
    held = held_along(settings, key)
    if held is None:
        return {}
    found: dict[str, list[FactorizationSetting]] = defaultdict(list)
    for setting in settings:
        if all(setting.values[axis] == value for axis, value in held.items()):
            found[setting.label].append(setting)
    ordered = {label: sorted(m, key=lambda s: s.values[key]) for label, m in found.items()}
    return {label: members for label, members in ordered.items() if len(members) > 1}


def elsewhere(settings: Sequence[FactorizationSetting], key: str) -> dict[str, float]:
    """The settings along ``key`` that are not those of the best one."""
    at = best(settings).values
    held = held_along(settings, key) or {}
    return {axis: value for axis, value in held.items() if value != at[axis]}
