"""The run whose network a task is on, and that the task sees the data that it was trained on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nullfit.config.identity import config_hash
from nullfit.config.recall import PLACES
from nullfit.config.schema import RunConfig
from nullfit.errors import UserError, override
from nullfit.results.formats import percent
from nullfit.results.result import Result, read_result
from nullfit.training.checkpoint_format import read_checkpoint
from nullfit.training.given_checkpoint import checkpoint_file

_SAME = ("model", "data", "corruption", "seed", "seeds")
# Further test sets, which no task on a network looks at.
_ONLY_TESTED = {"data": ("test_corruptions",)}
_TOLERANCE = 0.005  # of the training accuracy, which another processor rounds otherwise


def refuse_fresh_labels(config: RunConfig) -> None:
    """See that a sample kept its label throughout a run.

    Raises:
        UserError: it did not.
    """
    if config.corruption.fresh:
        raise UserError(
            f"task={config.task.name} is impossible with corruption.fresh=true: a sample had "
            "another label each epoch. Choose a run with corruption.fresh=false."
        )


def finished_run(key: str, run: str | None) -> tuple[Path, Result]:
    """The folder of the finished training that a user means, and its result.

    ``key`` is the setting that names the run, ``<task>.run``.

    Raises:
        UserError: none is given, or it is no such folder.
    """
    if not run:
        raise UserError(
            f"task={key.partition('.')[0]} needs {key}=…: the folder of a finished training, e.g. "
            f"{key}=outputs/first/<job>."
        )
    path = checkpoint_file(run, key)
    folder = path.parent.parent
    result = read_result(folder)
    if Path(run).is_file() or result is None:
        what = "is a file" if Path(run).is_file() else "is no finished run"
        raise UserError(f"{key}={run} {what}: give the folder of a training that has ended.")
    if result["status"] == "diverged":
        raise UserError(f"{key}={run} diverged: its network answers nothing. Choose another run.")
    return folder, result


def refuse_other_settings(config: RunConfig, key: str, folder: Path) -> None:
    """See that data, labels and network are those that the run was trained with.

    ``key`` is the setting that names the run.

    Raises:
        UserError: they are others.
    """
    about = read_checkpoint(checkpoint_file(str(folder), key)).get("nullfit", {})
    stored, own = about.get("config", {}), config.plain()
    other = [part for part in _SAME if _digest(part, stored) != _digest(part, own)]
    if other:
        task = config.task.name
        raise UserError(
            f"task={task} takes {', '.join(other)} from its run, and here it is another.\nLeave it "
            f"out of the command: task={task} {override(key, str(folder))}."
        )


def refuse_other_samples(training: Result, key: str, samples: int) -> None:
    """See that there are as many training samples as a run was trained on.

    Raises:
        UserError: some that were left out are there, or the other way round.
    """
    trained = training["data"]["train_samples"]
    if samples != trained:
        raise UserError(
            f"{key}: the run was trained on {trained:,} samples, and here are {samples:,}. Give "
            "the data.leave_out that it was trained with, and none if it had none."
        )


def refuse_other_accuracy(training: Result, key: str, accuracy: float) -> None:
    """See that the network has the training accuracy that its own result tells.

    Raises:
        UserError: it has another, so that the samples or their labels are others.
    """
    then = training["metrics"].get("train/accuracy")
    if then is not None and abs(accuracy - then) > _TOLERANCE:
        raise UserError(
            f"{key}: the network has a training accuracy of {percent(accuracy)}% here, and "
            f"{percent(then)}% in its own result: the samples are not those that it was trained on."
            "\nGive the files of data, and the data.leave_out, that it was trained with."
        )


def _digest(part: str, settings: Mapping[str, Any]) -> str:
    section = settings.get(part)
    if isinstance(section, Mapping):
        left_out = (*PLACES.get(part, ()), *_ONLY_TESTED.get(part, ()))
        section = {key: value for key, value in section.items() if key not in left_out}
    return config_hash({part: section}, content=False)
