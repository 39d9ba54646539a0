"""Runs that differ in the seed only, and what their corruption is called.

This is the one place that groups runs and that names a corruption: figures, tables, report and
scoreboard agree because they ask here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from nullfit.charts.appearance import look, place
from nullfit.config.identity import RANDOMNESS, config_hash
from nullfit.results.formats import setting_percent
from nullfit.results.spread import Spread
from nullfit.results.task_run import TaskRun, numbers_of

R = TypeVar("R", bound=TaskRun)

# Settings that say of how much the corruption takes hold, as fractions.
_SHARES = ("probability", "fraction")
_SYMBOLS = {"sigma": "σ"}
_ALWAYS = "always_change"  # whether a random label is another one
_PART = "key"  # which of the arrays or columns of a file
# Tasks that draw labels of their own, whatever the corruption.
_OWN_LABELS = {"capacity": "random labels", "rademacher": "random signs"}
_TRUE_ENTRIES = "true entries"  # of a matrix, which has no labels


@dataclass(frozen=True)
class Group(Generic[R]):
    """Runs that differ in the seed only; ``label`` tells their corruption in words."""

    corruption: str
    label: str
    runs: list[R]

    def spread(self, metric: str) -> Spread | None:
        """A metric of result.json over the runs that have it."""
        return Spread.of(run.result["metrics"].get(metric) for run in self.runs)

    def measured(self, metric: str) -> Spread:
        """The same of a metric that each run has.

        Raises:
            KeyError: a run does not have it.
        """
        found = Spread.of(run.result["metrics"][metric] for run in self.runs)
        assert found is not None  # a group has a run
        return found


def groups_of(runs: Iterable[R]) -> list[Group[R]]:
    """The groups, true data first and mild corruptions before strong ones.

    A run without a configuration stands alone.
    """
    found: dict[str, list[R]] = defaultdict(list)
    for run in runs:
        found[_key(run)].append(run)
    groups = [
        Group(members[0].corruption, corruption_label(members[0]), members)
        for members in found.values()
    ]
    return sorted(groups, key=lambda g: (place(g.corruption), *_level(g.runs[0]), g.label))


def run_counts(groups: Iterable[Group[R]]) -> str:
    """How many runs a mean is of, for a note: ``n = 3``, or ``n ≤ 3`` where groups differ."""
    sizes = {len(group.runs) for group in groups}
    return f"n {'=' if len(sizes) == 1 else '≤'} {max(sizes)}"


def corruption_label(run: TaskRun) -> str:
    """What a run's corruption is called wherever people read of it: `label_of`."""
    if draws_labels(run):
        return _OWN_LABELS[run.task]
    told = run.result.get("corruption", {})
    said = {key: told[key] for key in (_ALWAYS, _PART) if key in told}
    settings = {**run.strength, **said}
    return label_of(run.corruption, settings, _TRUE_ENTRIES if "entries_changed" in told else None)


def draws_labels(run: TaskRun) -> bool:
    """Whether the labels are those that its task draws, and no corruption makes."""
    return run.corruption == "none" and run.result.get("task") in _OWN_LABELS


def label_of(name: str, settings: Mapping[str, Any], true_data: str | None = None) -> str:
    """The name of a corruption and its numeric settings in words, with what else tells it apart.

    ``random labels 40 %, always change``, ``added noise, σ = 0.1``, ``labels from a file,
    worse_label``. All of the samples, 100 %, is what one expects and is left out; none of them,
    0 %, leaves the data true. ``true_data`` is what to call these.
    """
    true_data = true_data or look("none").label
    if name == "none":
        return true_data
    label, strength = look(name).label, numbers_of(settings)
    if any(strength.get(key) == 0 for key in _SHARES):
        return f"{true_data} (0 % {label})"
    always = ", always change" if settings.get(_ALWAYS) is True else ""
    part = f", {settings[_PART]}" if isinstance(settings.get(_PART), str) else ""
    return label + "".join(map(_setting, strength, strength.values())) + always + part


def _setting(key: str, value: float | int) -> str:
    if key in _SHARES:
        return "" if value == 1 else f" {setting_percent(value)}"
    return f", {_SYMBOLS.get(key, key)} = {value:g}"


def _key(run: TaskRun) -> str:
    settings = {key: value for key, value in run.config.items() if key not in RANDOMNESS}
    return config_hash(settings, content=False) if settings else f"alone {run.folder.name}"


def _level(run: TaskRun) -> tuple[float]:
    return (next(iter(run.strength.values()), 0.0),)
