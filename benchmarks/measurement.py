"""What a benchmark measured, and the files that keep it."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from targets import Target, target_of


@dataclass(frozen=True)
class Measurement:
    """One figure for each round: our way's, and the other's where there is another.

    ``name`` is that of a target. What is in ``ours`` and ``theirs`` are seconds, or GiB where the
    target's unit says so. ``note`` says what belongs to the figure, such as accuracies.
    """

    name: str
    ours: list[float]
    theirs: list[float]
    note: str = ""

    @property
    def target(self) -> Target:
        """What is measured and what it has to reach."""
        return target_of(self.name)

    @property
    def figures(self) -> list[float]:
        """The figure of each round, in the target's unit."""
        if self.target.unit == "× faster":
            return [theirs / ours for ours, theirs in zip(self.ours, self.theirs, strict=True)]
        if self.target.unit == "× the time":
            return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]
        return self.ours

    @property
    def median(self) -> float:
        """The figure that counts."""
        return statistics.median(self.figures)

    @property
    def met(self) -> bool:
        """Whether the target is reached; true where there is none."""
        limit = self.target.limit
        if limit is None:
            return True
        return self.median >= limit if self.target.at_least else self.median <= limit


def write(path: Path, found: Sequence[Measurement], machine: dict[str, Any]) -> None:
    """Keep measurements and the circumstances of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"machine": machine, "measurements": [asdict(each) for each in found]}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path) -> tuple[dict[str, Any], list[Measurement]]:
    """The circumstances and the measurements of a file of `write`."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return content["machine"], [Measurement(**each) for each in content["measurements"]]
