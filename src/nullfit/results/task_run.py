"""A finished run of whatever task, as it lies in its folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nullfit.results.result import Result, read_arrays


@dataclass(frozen=True)
class TaskRun:
    """A finished run: its folder, what result.json says, and its settings.

    ``config`` is config.yaml as plain values; empty where the task wrote none.
    """

    folder: Path
    result: Result
    config: dict[str, Any]

    @property
    def task(self) -> str:
        """The name of its task."""
        return str(self.result["task"])

    def arrays(self) -> dict[str, Any]:
        """The arrays of arrays.npz by name; empty if it has none."""
        return read_arrays(self.folder)
