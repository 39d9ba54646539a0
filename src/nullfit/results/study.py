"""A study: the runs of one folder, finished or not."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nullfit.errors import UserError
from nullfit.results.result import Result, read_result

FAILURE = "failure.txt"  # what went wrong in a job of a grid


@dataclass(frozen=True)
class Run:
    """A finished run: its folder, result and settings."""

    folder: Path
    result: Result
    config: dict[str, Any]

    def epochs(self) -> Any:
        """metrics.csv as a pandas data frame, one row for each epoch."""
        import pandas  # noqa: PLC0415

        return pandas.read_csv(self.folder / "metrics.csv")

    @property
    def model(self) -> str:
        """The name of its network."""
        return str(self.result["model"]["name"])

    @property
    def corruption(self) -> str:
        """The name of its corruption."""
        return str(self.result["corruption"]["name"])

    @property
    def strength(self) -> dict[str, float]:
        """The corruption's numeric settings, such as its probability."""
        told = ("name", "labels_changed", "images_changed")
        fields = self.result["corruption"].items()
        return {k: v for k, v in fields if k not in told and _is_number(v)}


@dataclass(frozen=True)
class Study:
    """All runs below ``outputs/<study>/``."""

    name: str
    folder: Path
    runs: list[Run]
    unfinished: list[Path]

    def corruption_label(self, run: Run) -> str:
        """The name of a run's corruption, with its strength where that differs in the study."""
        strengths = [r.strength for r in self.runs if r.corruption == run.corruption]
        if all(strength == strengths[0] for strength in strengths):
            return run.corruption
        settings = ", ".join(f"{key}={value:g}" for key, value in run.strength.items())
        return f"{run.corruption} ({settings})"


def read_study(outputs: str, name: str) -> Study:
    """Read every finished training run of a study, and name those that have no result.

    Raises:
        UserError: there is no such study, or a result is damaged.
    """
    folder = Path(outputs) / name
    if not folder.is_dir():
        there = sorted(path.name for path in Path(outputs).glob("*") if path.is_dir())
        raise UserError(
            f"study={name} does not exist: no folder {folder}. "
            f"Studies there: {', '.join(there) or 'none'}."
        )
    runs, unfinished = [], []
    jobs = {path.parent for file in ("config.yaml", FAILURE) for path in folder.glob(f"*/{file}")}
    for job in sorted(jobs):
        result = read_result(job)
        if result is None:
            unfinished.append(job)
        elif result["task"] == "train":
            runs.append(Run(job, result, _plain(job / "config.yaml")))
    if not runs:
        raise UserError(
            f"study={name} has no finished run in {folder} ({len(unfinished)} unfinished).\n"
            f"Make some: python run.py -m study={name} corruption=none,random_labels"
        )
    return Study(name, folder, runs, unfinished)


def _plain(path: Path) -> dict[str, Any]:
    """config.yaml holds plain values; OmegaConf would take twenty times as long to read it."""
    # libyaml's loader where PyYAML was built with it
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    again = f"Delete {path.parent} and run the job again."
    try:
        config = yaml.load(path.read_text(encoding="utf-8"), loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path} cannot be read: {str(error).splitlines()[0]}.\n{again}") from error
    if not isinstance(config, dict):
        raise UserError(f"{path} is no configuration.\n{again}")
    return config


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
