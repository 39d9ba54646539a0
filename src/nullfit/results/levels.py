"""Time to fit and test error against the corruption level (Zhang et al. 2017, figures 1b, 1c)."""

from collections.abc import Iterable
from dataclasses import dataclass

from nullfit.results.settings import Setting, networks_of
from nullfit.results.spread import Spread
from nullfit.results.study import Run
from nullfit.results.task_run import chance_of

_FEWEST_LEVELS = 3  # two points make no curve


@dataclass(frozen=True)
class Level:
    """What the runs at one level came to, those that diverged left out of both spreads.

    ``steps_to_fit`` is over those that fitted, None if none did; ``test_error`` is a fraction.
    ``changed`` is the mean share of labels that differ from the true ones, where the runs tell.
    """

    level: float
    runs: int
    steps_to_fit: Spread | None
    test_error: Spread | None
    changed: float | None = None


@dataclass(frozen=True)
class LevelSeries:
    """One network under one corruption at rising levels.

    Where the study has runs on true labels (level 0) that fitted, ``reference`` is their mean
    number of steps: figure 1b shows times relative to it. ``chance`` is the accuracy of guessing,
    None where it is not known.
    """

    network: str
    corruption: str
    levels: list[Level]
    reference: float | None
    chance: float | None


def level_series(settings: Iterable[Setting]) -> list[LevelSeries]:
    """A series for each network and corruption with at least three levels, true labels included."""
    made = []
    for network, members in networks_of(settings).items():
        for corruption in dict.fromkeys(s.corruption for s in members if s.corruption != "none"):
            runs = _runs_by_level([s for s in members if s.corruption in ("none", corruption)])
            if len(runs) < _FEWEST_LEVELS:
                continue
            levels = [_level(level, runs[level]) for level in sorted(runs)]
            first = levels[0]
            at_zero = first.steps_to_fit if first.level == 0 else None
            reference = at_zero.mean if at_zero else None
            chance = chance_of(run for found in runs.values() for run in found)
            made.append(LevelSeries(network, corruption, levels, reference, chance))
    return made


def _runs_by_level(settings: list[Setting]) -> dict[float, list[Run]]:
    runs: dict[float, list[Run]] = {}
    for setting in settings:
        if setting.level is not None:
            runs.setdefault(setting.level, []).extend(setting.runs)
    return runs


def _level(level: float, runs: list[Run]) -> Level:
    finite = [run for run in runs if not run.diverged]
    steps = (run.result["fit"]["steps_to_fit"] for run in finite)
    accuracies = (run.result["metrics"].get("test/accuracy") for run in finite)
    changed = Spread.of(
        float(share)
        for run in runs
        if (share := run.result.get("corruption", {}).get("labels_changed")) is not None
    )
    return Level(
        level,
        len(runs),
        Spread.of(steps),
        Spread.of(1 - float(value) for value in accuracies if value is not None),
        None if changed is None else changed.mean,
    )
