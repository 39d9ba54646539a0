"""A study: the runs of one folder, finished or not."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from nullfit.config.revisions import revisions
from nullfit.console.messages import warn
from nullfit.errors import UserError, command, hydra_word, nearest, one_of, override
from nullfit.results.job_folders import CONFIG, job_folders
from nullfit.results.metrics_file import metrics_table
from nullfit.results.plain import yaml_values
from nullfit.results.result import Result, read_result
from nullfit.results.task_run import TaskRun
from nullfit.results.verdict import Verdict, verdict
from nullfit.system.reading import SETTINGS_BYTES, read_regular

_NAMED = 5  # studies in a message


@dataclass(frozen=True)
class Run(TaskRun):
    """A finished training."""

    def epochs(self) -> Any:
        """metrics.csv as a pandas data frame, one row for each epoch.

        Raises:
            UserError: the file is missing or damaged.
        """
        try:
            return metrics_table(self.folder, "epoch", "step")
        except UserError as error:
            raise UserError(f"{error}\nDelete {self.folder} and run the job again.") from error

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


@dataclass(frozen=True)
class Study:
    """All runs below ``outputs/<study>/``: trainings, and ``others`` of whatever other tasks.

    Those that a fault had changed which is mended since are in neither: the same command runs them
    again, and they would stand beside what it comes to now. ``left_out`` has a text on these and on
    each that is damaged.
    """

    name: str
    folder: Path
    runs: list[Run]
    unfinished: list[Path]
    others: list[TaskRun] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def every_run(self) -> list[TaskRun]:
        """Those of all tasks, trainings first."""
        return [*self.runs, *self.others]

    def only(self, kept: Sequence[TaskRun]) -> "Study":
        """The study with some of its runs."""
        trainings = [run for run in kept if isinstance(run, Run)]
        return replace(self, runs=trainings, others=[r for r in kept if not isinstance(r, Run)])

    def of_tasks(self) -> dict[str, list[TaskRun]]:
        """The runs of other tasks by task, in the order of the tasks' names."""
        tasks = sorted({run.task for run in self.others})
        return {task: [run for run in self.others if run.task == task] for task in tasks}


def read_study(outputs: str, name: str) -> Study:
    """Read every finished run of a study, and name those that have no result.

    A line tells of each run that is damaged; it costs no other.

    Raises:
        UserError: there is no such study, or it has no finished run that can be read.
    """
    folder = Path(outputs) / name
    if not folder.is_dir():
        hint = nearest(name, _studies(folder.parent), "study=")
        raise UserError(f"study={name} does not exist: no folder {folder}.{hint}")
    study = Study(name, folder, [], [])
    superseded: list[Path] = []
    damaged: list[UserError] = []
    for job in job_folders(folder):
        try:
            found = _read(job)
            old = found is not None and is_superseded(found.result, found.config)
        except UserError as error:
            damaged.append(error)
            continue
        except (TypeError, AttributeError):
            damaged.append(_no_configuration(job / CONFIG))
            continue
        if found is None:
            study.unfinished.append(job)
        elif old:
            superseded.append(job)
        elif isinstance(found, Run):
            study.runs.append(found)
        else:
            study.others.append(found)
    if damaged and not (study.runs or study.others):
        raise damaged[0]
    for damage in damaged:
        warn(f"left out: {damage}")
        study.left_out.append(str(damage))
    if superseded:
        warn(note_of_superseded(superseded))
        study.left_out.append(note_of_superseded(superseded))
    if not (study.runs or study.others):
        raise _nothing_finished(study)
    return study


def _nothing_finished(study: Study) -> UserError:
    """What to do: go on with what was begun, name a study that is there, or begin one."""
    said = f"study={study.name} has no finished run in {study.folder}"
    if study.unfinished:
        return UserError(
            f"{said}, and {len(study.unfinished)} unfinished.\n"
            "The commands that began them go on with them: start them again."
        )
    others = [name for name in _studies(study.folder.parent) if name != study.name]
    if not others:
        make = command(hydra_word("study", study.name), "corruption=none,random_labels", grid=True)
        return UserError(f"{said}.\nMake some: {make}")
    meant = nearest(study.name, others, "study=").strip()
    if not meant.startswith("Did"):
        more = f" ({len(others) - _NAMED} more)" if len(others) > _NAMED else ""
        few = [override("study", name) for name in others[:_NAMED]]
        meant = f"Name a study that has runs: {one_of(few)}{more}"
    return UserError(f"{said}.\n{meant}")


def _studies(outputs: Path) -> list[str]:
    """The folders in which there are jobs, by name."""
    folders = [path for path in outputs.glob("*") if path.is_dir() and any(job_folders(path))]
    return sorted(folder.name for folder in folders)


def _read(job: Path) -> TaskRun | None:
    """What lies in the folder of a job; None without a result."""
    result = read_result(job)
    if result is None:
        return None
    if result["task"] == "train":
        return Run(job, result, read_config(job))
    return TaskRun(job, result, read_config(job) if os.path.lexists(job / CONFIG) else {})


def is_superseded(result: Result, config: Mapping[str, Any]) -> bool:
    """Whether a run was computed with a fault that is mended since.

    Raises:
        TypeError, AttributeError: it has settings that no run of ours has.
    """
    known = result.get("revisions", ())
    return "task" in config and not set(revisions(config)).issubset(known)


def note_of_superseded(superseded: list[Path]) -> str:
    """What to say of the runs that are left out for that."""
    runs, are = ("1 run", "is") if len(superseded) == 1 else (f"{len(superseded)} runs", "are")
    return (
        f"{runs} {are} left out: a fault that is mended since changed what they computed (see "
        f"CHANGELOG.md).\nRun them again, and delete the old ones, e.g. {superseded[0]}."
    )


def read_config(folder: Path) -> dict[str, Any]:
    """config.yaml of a run as plain values; OmegaConf would take twenty times as long.

    Raises:
        UserError: it cannot be read, or is none.
    """
    path = folder / CONFIG
    again = f"Delete {folder} and run the job again."
    try:
        config = yaml_values(read_regular(path, SETTINGS_BYTES))
    except UserError as error:
        raise UserError(f"{error}\n{again}") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UserError(f"{path} cannot be read: {reason}.\n{again}") from error
    sections = ("task", "model", "data", "corruption")
    if not (isinstance(config, dict) and all(isinstance(config.get(s), dict) for s in sections)):
        raise _no_configuration(path)
    return config


def _no_configuration(path: Path) -> UserError:
    return UserError(f"{path} is no configuration.\nDelete {path.parent} and run the job again.")
