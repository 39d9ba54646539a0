"""Factorizations that differ in the seed only, and how they lie along K, λ and p."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas
from jaxtyping import Float64

from nullfit.charts.order import place
from nullfit.charts.style import look
from nullfit.config.identity import config_hash
from nullfit.results.levels import Spread
from nullfit.results.result import METRICS
from nullfit.results.task_run import TaskRun

_TOLD = ("name", "entries_changed")
_DECIDING = ("rank", "lambda_u", "lambda_v", "train_share", "iterations")
_TIED = 1e-9


@dataclass(frozen=True)
class FactorizationSetting:
    """``label`` tells the corruption with its settings; ``values`` are those of the fit by key."""

    corruption: str
    label: str
    values: dict[str, float]
    runs: list[TaskRun]

    def spread(self, metric: str) -> Spread:
        """A metric over its runs."""
        found = Spread.of(float(run.result["metrics"][metric]) for run in self.runs)
        assert found is not None  # a setting has a run
        return found

    def curve(self, metric: str) -> Float64[np.ndarray, " iterations"]:
        """The metric after each iteration, mean over its runs."""
        read = [pandas.read_csv(run.folder / METRICS)[metric].to_numpy() for run in self.runs]
        return np.asarray(np.mean(read, axis=0))

    @property
    def tied(self) -> bool:
        """Whether both factors have one penalty."""
        return abs(self.values["lambda_u"] - self.values["lambda_v"]) <= _TIED


def by_matrix(runs: Sequence[TaskRun]) -> dict[str, list[FactorizationSetting]]:
    """The settings on each matrix, true entries first."""
    groups: dict[str, list[TaskRun]] = defaultdict(list)
    for run in runs:
        groups[config_hash({k: v for k, v in run.config.items() if k != "seed"})].append(run)
    found: dict[str, list[FactorizationSetting]] = defaultdict(list)
    for members in groups.values():
        found[str(members[0].result["data"]["source"])].append(_setting(members))
    for settings in found.values():
        settings.sort(key=lambda s: (place(s.corruption), s.label, *s.values.values()))
    return dict(found)


def best(settings: Sequence[FactorizationSetting]) -> FactorizationSetting:
    """The one with the lowest test error, among those on true entries if there are any.

    Other shares are tested on other entries, so it is chosen where most of them were tried.
    """
    clean = [s for s in settings if s.corruption == "none"] or settings
    tried = Counter((s.values["train_share"], s.values["iterations"]) for s in clean)
    most = max(tried, key=lambda how: (tried[how], how))
    among = [s for s in clean if (s.values["train_share"], s.values["iterations"]) == most]
    return min(among, key=lambda s: s.spread("test/mse").mean)


def axes_of(settings: Sequence[FactorizationSetting]) -> list[str]:
    """The keys that differ; one penalty for both factors counts as ``lambda_u``."""
    left_out = ["lambda_v"] if all(s.tied for s in settings) else []
    return [
        key
        for key in _DECIDING
        if key not in left_out and len({s.values[key] for s in settings}) > 1
    ]


def slices(
    settings: Sequence[FactorizationSetting], key: str
) -> dict[str, list[FactorizationSetting]]:
    """By corruption, several settings that differ from the best one in ``key`` alone."""
    held = [axis for axis in axes_of(settings) if axis != key]
    at = best(settings).values
    found: dict[str, list[FactorizationSetting]] = defaultdict(list)
    for setting in settings:
        if all(setting.values[axis] == at[axis] for axis in held):
            found[setting.label].append(setting)
    ordered = {label: sorted(m, key=lambda s: s.values[key]) for label, m in found.items()}
    return {label: members for label, members in ordered.items() if len(members) > 1}


def _setting(runs: list[TaskRun]) -> FactorizationSetting:
    result = runs[0].result
    corruption = result["corruption"]
    strength = [
        f"{value:g}"
        for key, value in corruption.items()
        if key not in _TOLD and isinstance(value, int | float) and value != 1
    ]
    name = str(corruption["name"])
    told = "true entries" if name == "none" else " ".join([look(name).label, *strength])
    values = {key: float(result["factorization"][key]) for key in _DECIDING}
    return FactorizationSetting(name, told, values, runs)
