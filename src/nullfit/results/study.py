"""A study: the runs of one folder, finished or not."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from nullfit.config.revisions import revisions
from nullfit.console.messages import warn
from nullfit.errors import UserError
from nullfit.results.failure import FAILURE
from nullfit.results.result import RESULT, read_result
from nullfit.results.task_run import TaskRun
from nullfit.results.verdict import Verdict, verdict


@dataclass(frozen=True)
class Run(TaskRun):
    """A finished training."""

    def epochs(self) -> Any:
        """metrics.csv as a pandas data frame, one row for each epoch.

        Raises:
            UserError: the file is missing or damaged.
        """
        import pandas  # noqa: PLC0415

        path = self.folder / "metrics.csv"
        try:
            frame = pandas.read_csv(path)
            if not {"epoch", "step"} <= set(frame) or frame.select_dtypes("object").size:
                raise ValueError("it is no table of numbers by epoch")
        except (OSError, ValueError) as error:  # pandas' own errors are ValueErrors
            what = str(error).strip().partition("\n")[0]
            raise UserError(
                f"{path} cannot be read: {what}.\nDelete {self.folder} and run the job again."
            ) from error
        return frame

    @cached_property
    def verdict(self) -> Verdict:
        """What it shows."""
        fitted = self.result["fit"]["epochs_to_fit"] is not None
        rows = [] if fitted and not self.diverged else self._rows()
        return verdict(self.result, rows, self.config.get("trainer", {}), self.chance)

    def _rows(self) -> list[dict[str, Any]]:
        """metrics.csv row by row; none where it cannot be read."""
        try:
            return list(self.epochs().to_dict("records"))
        except UserError:
            return []

    @property
    def model(self) -> str:
        """The name of its network."""
        return str(self.result["model"]["name"])


@dataclass(frozen=True)
class Study:
    """All runs below ``outputs/<study>/``: trainings, and ``others`` of whatever other tasks.

    Those that a fault had changed which is mended since are in neither: the same command runs them
    again, and they would stand beside what it comes to now.
    """

    name: str
    folder: Path
    runs: list[Run]
    unfinished: list[Path]
    others: list[TaskRun] = field(default_factory=list)

    def of_tasks(self) -> dict[str, list[TaskRun]]:
        """The runs of other tasks by task, in the order of the tasks' names."""
        tasks = sorted({run.task for run in self.others})
        return {task: [run for run in self.others if run.task == task] for task in tasks}


def read_study(outputs: str, name: str) -> Study:
    """Read every finished run of a study, and name those that have no result.

    Raises:
        UserError: there is no such study, it has no finished run, or a result is damaged.
    """
    folder = Path(outputs) / name
    if not folder.is_dir():
        there = sorted(path.name for path in Path(outputs).glob("*") if path.is_dir())
        raise UserError(
            f"study={name} does not exist: no folder {folder}. "
            f"Studies there: {', '.join(there) or 'none'}."
        )
    study = Study(name, folder, [], [])
    superseded: list[Path] = []
    files = ("config.yaml", FAILURE, RESULT)
    for job in sorted({path.parent for file in files for path in folder.glob(f"*/{file}")}):
        if (found := _read(job)) is None:
            study.unfinished.append(job)
        elif _is_superseded(found):
            superseded.append(job)
        elif isinstance(found, Run):
            study.runs.append(found)
        else:
            study.others.append(found)
    if superseded:
        warn(_left_out(superseded))
    if not (study.runs or study.others):
        raise UserError(
            f"study={name} has no finished run in {folder} ({len(study.unfinished)} unfinished).\n"
            f"Make some: python run.py -m study={name} corruption=none,random_labels"
        )
    return study


def _read(job: Path) -> TaskRun | None:
    """What lies in the folder of a job; None without a result."""
    result, config = read_result(job), job / "config.yaml"
    if result is None:
        return None
    if result["task"] == "train":
        return Run(job, result, _plain(config))
    return TaskRun(job, result, _plain(config) if config.is_file() else {})


def _is_superseded(run: TaskRun) -> bool:
    """Whether it was computed with a fault that is mended since."""
    known = run.result.get("revisions", ())
    return "task" in run.config and not set(revisions(run.config)).issubset(known)


def _left_out(superseded: list[Path]) -> str:
    runs, are = ("1 run", "is") if len(superseded) == 1 else (f"{len(superseded)} runs", "are")
    return (
        f"{runs} {are} left out: a fault that is mended since changed what they computed (see "
        f"CHANGELOG.md).\nRun them again, and delete the old ones, e.g. {superseded[0]}."
    )


def _plain(path: Path) -> dict[str, Any]:
    """config.yaml holds plain values; OmegaConf would take twenty times as long to read it."""
    # libyaml's loader where PyYAML was built with it
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    again = f"Delete {path.parent} and run the job again."
    try:
        config = yaml.load(path.read_text(encoding="utf-8"), loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path} cannot be read: {str(error).splitlines()[0]}.\n{again}") from error
    sections = ("task", "model", "data", "corruption")
    if not (isinstance(config, dict) and all(isinstance(config.get(s), dict) for s in sections)):
        raise UserError(f"{path} is no configuration.\n{again}")
    return config
