"""Kernel runs that differ in the seed only, under names for people."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from nullfit.charts.order import place
from nullfit.charts.style import look
from nullfit.config.identity import config_hash
from nullfit.results.levels import Spread
from nullfit.results.settings import differing, flat_settings
from nullfit.results.task_run import TaskRun

# Told in the name in any case, or of no account for an exact solution.
_ELSEWHERE = ("seed", "task.", "corruption.", "kernel.name", "kernel.features", "kernel.gamma")
_UNUSED = ("model.", "optimizer.", "schedule.", "trainer.", "data.batch_size")
_OF_CORRUPTION = ("name", "labels_changed", "images_changed")


@dataclass(frozen=True)
class KernelSetting:
    """``name`` tells kernel, features and what else differs; ``label`` the corruption."""

    name: str
    corruption: str
    label: str
    runs: list[TaskRun]

    def spread(self, metric: str) -> Spread | None:
        """A metric over the runs that have it."""
        values = (run.result["metrics"].get(metric) for run in self.runs)
        return Spread.of(float(value) for value in values if value is not None)


def kernel_settings(runs: Sequence[TaskRun]) -> list[KernelSetting]:
    """Settings kernel by kernel, true labels first."""
    groups: dict[str, list[TaskRun]] = defaultdict(list)
    for run in runs:
        groups[config_hash({k: v for k, v in run.config.items() if k != "seed"})].append(run)
    flats = [flat_settings(members[0].config) for members in groups.values()]
    keys = [key for key in differing(flats) if not key.startswith((*_ELSEWHERE, *_UNUSED))]
    made = [
        KernelSetting(
            _name(members[0], {key: flat[key] for key in keys if key in flat}),
            str(members[0].result["corruption"]["name"]),
            _label(members[0]),
            members,
        )
        for members, flat in zip(groups.values(), flats, strict=True)
    ]
    order = {name: number for number, name in enumerate(dict.fromkeys(s.name for s in made))}
    return sorted(made, key=lambda s: (order[s.name], place(s.corruption), s.label))


def by_name(settings: Sequence[KernelSetting]) -> dict[str, list[KernelSetting]]:
    """The settings of each name, in their order."""
    found: dict[str, list[KernelSetting]] = {}
    for setting in settings:
        found.setdefault(setting.name, []).append(setting)
    return found


def _name(run: TaskRun, others: dict[str, object]) -> str:
    about = run.result["kernel"]
    gamma = "" if about["gamma"] is None else f" γ={about['gamma']:.3g}"
    features = str(about["features"]).replace("_", " ")
    more = [_told(key, value) for key, value in others.items() if _matters(key, about)]
    return ", ".join([f"{about['name']}{gamma} on {features}", *more])


def _matters(key: str, about: dict[str, object]) -> bool:
    """Whether a key of the configuration is none of other features' settings."""
    section, _, name = key.partition(".")
    return section != "kernel" or name in about


def _told(key: str, value: object) -> str:
    return str(value) if key == "data.name" else f"{key.rpartition('.')[2]}={value}"


def _label(run: TaskRun) -> str:
    corruption = run.result["corruption"]
    strength = [f"{value:g}" for key, value in corruption.items()
                if key not in _OF_CORRUPTION and isinstance(value, int | float)]  # fmt: skip
    return " ".join([look(corruption["name"]).label, *strength])
