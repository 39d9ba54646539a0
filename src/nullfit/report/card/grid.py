"""What was varied, over which seeds, and the commands."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from nullfit.report.card.commands import commands_of
from nullfit.report.card.markup import fenced, section, table, text
from nullfit.report.summary import by_task, many
from nullfit.results.grouping import groups_of
from nullfit.results.settings import differing, flat_settings
from nullfit.results.spread_by_part import PARTS, seed_of
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun

_COMMANDS = 12
_VALUES = 20


def grid_section(study: Study) -> str:
    """Keys that have several values, task by task; and a command of each setting."""
    rows = [
        {"task": task, "key": key, "values": _some(values)}
        for task, runs in by_task(study).items()
        for key, values in varied(runs).items()
    ]
    counts = [
        f"{text(task)}: {many(len(runs), 'run')} of {many(len(groups_of(runs)), 'setting')}"
        for task, runs in by_task(study).items()
    ]
    grid = table(rows) or "No key has two values: all runs of a task have the same settings."
    commands = commands_of(study.every_run)
    told = fenced(commands[:_COMMANDS]) if commands else "The runs have no record of commands."
    left = len(commands) - _COMMANDS
    more = f"And {left:,} more, in result.json of the runs." if left > 0 else ""
    what = (
        "Every setting, varied or not, is in config.yaml of each run. Commands, one of each "
        "setting with all its seeds:"
    )
    return section("Grid", ". ".join(counts) + ".", grid, what, told, more)


def varied(runs: Sequence[TaskRun]) -> dict[str, list[str]]:
    """The values of each key that has several among runs, but for the seed.

    What only came along with another option of its group is left out.
    """
    flats = [flat_settings(run.config) for run in runs if run.config]
    keys = [key for key in differing(flats) if key != "seed" and _varied_itself(key, flats)]
    return {
        key: list(dict.fromkeys(_word(flat[key]) for flat in flats if key in flat)) for key in keys
    }


def _varied_itself(key: str, flats: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a key is the choice of an option, or differs among runs of one option."""
    option = f"{key.partition('.')[0]}.name"
    values: dict[Any, set[str | None]] = defaultdict(set)
    for flat in flats:
        values[flat.get(option)].add(_word(flat[key]) if key in flat else None)
    return key == option or any(len(found) > 1 for found in values.values())


def seeds_section(study: Study) -> str:
    """The seeds of each setting, and which parts of the randomness they varied."""
    groups = [group.runs for runs in by_task(study).values() for group in groups_of(runs)]
    counts = Counter(len(runs) for runs in groups)
    sizes = [
        f"{many(number, 'setting')} with {many(size, 'run')}"
        for size, number in sorted(counts.items())
    ]
    seeds = sorted({int(run.result.get("seed", 0)) for run in study.every_run})
    told = [f"Seed: {_some(list(map(str, seeds)))}", ", ".join(sizes)]
    given = {run.config["seeds"][p] for p in PARTS for run in study.every_run if _own(run, p)}
    if given:
        told.append(f"seeds of single parts: {_some(list(map(str, sorted(given))))}")
    return section("Seeds", text(f"{'; '.join(told)}. {seeds_note(study)}"))


def seeds_note(study: Study) -> str:
    """What the intervals of the card are of."""
    parts = varied_parts(study)
    if not parts:
        return "No setting has runs with different seeds: nothing here says how much seeds matter."
    fixed = [part for part in PARTS if part not in parts]
    note = (
        f"Between runs of a setting varied: {', '.join(parts)}"
        " (as far as a setting has random parts). Intervals and standard deviations are of this "
        "variation alone. They say nothing of other test samples, data or machines."
    )
    return note + (f" Not varied: {', '.join(fixed)}." if fixed else "")


def varied_parts(study: Study) -> list[str]:
    """The parts of the randomness that differ between runs of some setting."""
    groups = [group.runs for runs in by_task(study).values() for group in groups_of(runs)]
    settled = [[run for run in runs if "seed" in run.config] for runs in groups]
    return [
        part for part in PARTS if any(len({seed_of(r, part) for r in runs}) > 1 for runs in settled)
    ]


def _own(run: TaskRun, part: str) -> bool:
    return (run.config.get("seeds") or {}).get(part) is not None


def _word(value: object) -> str:
    return "null" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _some(values: Sequence[str]) -> str:
    more = f", and {len(values) - _VALUES:,} more" if len(values) > _VALUES else ""
    return ", ".join(values[:_VALUES]) + more
