"""The commands of a study, as people would give them."""

import shlex
from collections import defaultdict
from collections.abc import Collection, Sequence

from nullfit.config.free_text import without_quotes
from nullfit.errors import shell_word
from nullfit.results.grouping import groups_of
from nullfit.results.task_run import TaskRun

_SEED = "seed="


def commands_of(runs: Sequence[TaskRun]) -> list[str]:
    """A command of each setting that makes its runs of all seeds, as far as runs recorded theirs.

    Where runs of a setting differ in more than the seed, such as seeds of single parts, each has
    its own.
    """
    found: dict[str, None] = {}
    for group in groups_of(runs):
        recorded = [run for run in group.runs if run.result.get("command")]
        found |= dict.fromkeys(_commands(recorded))
    return list(found)


def _commands(runs: Sequence[TaskRun]) -> list[str]:
    """Those that differ in their seeds alone are one."""
    seeds: dict[tuple[str, ...], set[int]] = defaultdict(set)
    told, others = set(), []
    for run in runs:
        words = _words(str(run.result["command"]))
        if words is None:
            others.append(str(run.result["command"]))
            continue
        rest = tuple(word for word in words if not word.startswith(_SEED))
        seeds[rest].add(int(run.result["seed"]))
        if len(rest) < len(words):
            told.add(rest)
    # A task that looks at another run has the seed of that, and is not told it.
    return [*(_command(rest, own if rest in told else ()) for rest, own in seeds.items()), *others]


def _words(command: str) -> list[str] | None:
    """Those behind ``python run.py``; None if it is no command of ours."""
    try:
        words = shlex.split(command)
    except ValueError:  # an open quote
        return None
    return words[2:] if words[:2] == ["python", "run.py"] else None


def _command(rest: Sequence[str], seeds: Collection[int]) -> str:
    grid = ["-m"] if len(seeds) > 1 else []
    seed = [_SEED + ",".join(map(str, sorted(seeds)))] if seeds else []
    return " ".join(["python run.py", *grid, *map(shell_word, map(without_quotes, rest)), *seed])
