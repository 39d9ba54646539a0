"""A finished run, to look at."""

from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit.errors import UserError
from nullfit.results.formats import percent

if TYPE_CHECKING:
    import numpy as np
    import pandas

_ACCURACIES = {"train": "train/accuracy", "test": "test/accuracy"}


@dataclass(frozen=True)
class RunView:
    """A finished run of any task.

    Attributes:
        folder: where its files lie.
        result: ``result.json``: ``metrics``, ``fit``, ``seconds``, ``versions`` and so on.
        config: its settings, nested as in ``conf/``.
    """

    folder: Path
    result: dict[str, Any]
    config: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "RunView":
        """The run that lies in a folder.

        Raises:
            UserError: there is no result in it, or a damaged one.
        """
        from nullfit.results.result import read_result  # noqa: PLC0415
        from nullfit.results.study import read_config  # noqa: PLC0415

        folder = Path(folder).absolute()
        result = read_result(folder)
        if result is None:
            raise UserError(f"{folder} has no result.json: its task leaves none, or is unfinished.")
        return cls(folder, result, read_config(folder))

    @property
    def metrics(self) -> dict[str, float]:
        """What it came to at its end: accuracies are from 0 to 1, losses in nats."""
        found: dict[str, float] = self.result["metrics"]
        return found

    @cached_property
    def curves(self) -> "pandas.DataFrame":
        """``metrics.csv``: a row for each epoch.

        Raises:
            UserError: its task has no epochs.
        """
        from nullfit.results.metrics_file import metrics_table  # noqa: PLC0415

        return metrics_table(self.folder, "epoch", "step")

    @cached_property
    def samples(self) -> "pandas.DataFrame":
        """``samples.csv``: a row for each training sample with its scores.

        Raises:
            UserError: the run scored no samples; ``probe=dynamics`` does.
        """
        from nullfit.results.samples import samples_table  # noqa: PLC0415

        return samples_table(self.folder)

    @cached_property
    def arrays(self) -> "dict[str, np.ndarray]":
        """``arrays.npz`` by name, none where there is no such file.

        Raises:
            UserError: the file is damaged.
        """
        from nullfit.results.result import ARRAYS, read_arrays  # noqa: PLC0415

        return read_arrays(self.folder) if (self.folder / ARRAYS).is_file() else {}

    @property
    def verdict(self) -> str | None:
        """What a training shows in a sentence; None of other tasks."""
        from nullfit.results.study import Run  # noqa: PLC0415

        if self.result["task"] != "train":
            return None
        return str(Run(self.folder, self.result, self.config).verdict)

    def __repr__(self) -> str:
        told = [self.folder.name, *self._accuracies()]
        return f"<nullfit run {', '.join(told)}>"

    def _accuracies(self) -> list[str]:
        metrics = self.result.get("metrics", {})
        return [
            f"{name} {percent(metrics[key])}%"
            for name, key in _ACCURACIES.items()
            if metrics.get(key) is not None
        ]

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        rows = {
            "metrics": ", ".join(
                f"{name} {value:.4g}"
                for name, value in self.result.get("metrics", {}).items()
                if value is not None
            ),
            "folder": str(self.folder),
        }
        if self.verdict is not None:
            rows = {"verdict": self.verdict, **rows}
        cells = "".join(
            f"<tr><th style='text-align:left'>{name}</th><td style='text-align:left'>"
            f"{escape(text)}</td></tr>"
            for name, text in rows.items()
        )
        return f"<table><caption>{escape(self.folder.name)}</caption>{cells}</table>"
