"""Where the spread of a setting comes from: its corruption, its initial weights, its order."""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from nullfit.results.task_run import TaskRun

PARTS = ("corruption", "initialization", "order")


@dataclass(frozen=True)
class PartSpread:
    """The standard deviation of a metric while one part of the randomness alone differs.

    Pooled over sets of runs that have all other parts in common; ``degrees`` of freedom.
    """

    sd: float
    degrees: int


def spread_by_part(runs: Sequence[TaskRun], metric: str) -> dict[str, PartSpread]:
    """The spread of a setting's runs by part, as far as its runs tell: `PARTS`.

    Where ``seed`` alone differs all parts do at once, and no part can be told from another.
    """
    found = {}
    for part in PARTS:
        alike: dict[tuple[int, ...], list[TaskRun]] = defaultdict(list)
        for run in runs:
            alike[tuple(seed_of(run, other) for other in PARTS if other != part)].append(run)
        groups = [
            [float(run.result["metrics"][metric]) for run in members]
            for members in alike.values()
            if len({seed_of(run, part) for run in members}) == len(members) > 1
        ]
        degrees = sum(len(group) - 1 for group in groups)
        if degrees:
            squares = sum((len(group) - 1) * statistics.variance(group) for group in groups)
            found[part] = PartSpread((squares / degrees) ** 0.5, degrees)
    return found


def seed_of(run: TaskRun, part: str) -> int:
    """The seed that decided a part."""
    own = (run.config.get("seeds") or {}).get(part)
    return int(run.config["seed"] if own is None else own)
