"""Constructed networks that differ in the seed only, by the number of points."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from nullfit.charts.order import place
from nullfit.charts.style import look
from nullfit.config.identity import config_hash
from nullfit.results.levels import Spread
from nullfit.results.task_run import TaskRun

_TOLD = ("name", "labels_changed", "images_changed")


@dataclass(frozen=True)
class ExpressivitySetting:
    """``samples`` is the number of training samples, ``label`` the corruption in words."""

    data: str
    corruption: str
    label: str
    samples: int
    runs: list[TaskRun]

    def spread(self, metric: str) -> Spread:
        """A metric over its runs."""
        found = Spread.of(float(run.result["metrics"][metric]) for run in self.runs)
        assert found is not None  # a setting has a run
        return found


def expressivity_settings(
    runs: Sequence[TaskRun],
) -> dict[tuple[str, str], list[ExpressivitySetting]]:
    """The settings of each data set and corruption, few samples first."""
    groups: dict[str, list[TaskRun]] = defaultdict(list)
    for run in runs:
        groups[config_hash({k: v for k, v in run.config.items() if k != "seed"})].append(run)
    settings = sorted(
        map(_setting, groups.values()), key=lambda s: (s.data, place(s.corruption), s.label)
    )
    found: dict[tuple[str, str], list[ExpressivitySetting]] = defaultdict(list)
    for setting in settings:
        found[setting.data, setting.label].append(setting)
    return {key: sorted(members, key=lambda s: s.samples) for key, members in found.items()}


def _setting(runs: list[TaskRun]) -> ExpressivitySetting:
    data, corruption = runs[0].result["data"], runs[0].result["corruption"]
    name = str(corruption["name"])
    strength = [
        f"{value:g}"
        for key, value in corruption.items()
        if key not in _TOLD and isinstance(value, int | float) and value != 1
    ]
    label = " ".join([look(name).label, *strength])
    return ExpressivitySetting(str(data["name"]), name, label, int(data["train_samples"]), runs)
