"""Kernel runs that differ in the seed only, under names for people."""

from collections.abc import Sequence
from dataclasses import dataclass

from nullfit.results.grouping import Group, groups_of
from nullfit.results.settings import differing, flat_settings
from nullfit.results.task_run import TaskRun

# Told in the name in any case, or of no account for an exact solution.
_ELSEWHERE = ("seed", "task.", "corruption.", "kernel.name", "kernel.features", "kernel.gamma")
_UNUSED = ("model.", "optimizer.", "schedule.", "trainer.", "data.batch_size")


@dataclass(frozen=True)
class KernelSetting(Group[TaskRun]):
    """``name`` tells kernel, features and what else differs."""

    name: str


def kernel_settings(runs: Sequence[TaskRun]) -> list[KernelSetting]:
    """Settings kernel by kernel, true labels first."""
    groups = groups_of(runs)
    flats = [flat_settings(group.runs[0].config) for group in groups]
    keys = [key for key in differing(flats) if not key.startswith((*_ELSEWHERE, *_UNUSED))]
    made = [
        KernelSetting(
            group.corruption,
            group.label,
            group.runs,
            _name(group.runs[0], {key: flat[key] for key in keys if key in flat}),
        )
        for group, flat in zip(groups, flats, strict=True)
    ]
    order = [setting.name for run in runs for setting in made if run in setting.runs]
    return sorted(made, key=lambda setting: order.index(setting.name))


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
