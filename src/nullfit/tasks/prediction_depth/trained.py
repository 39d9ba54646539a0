"""The network of a finished run, for the data that it was trained on."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit import assembly
from nullfit.config.identity import config_hash
from nullfit.config.recall import PLACES
from nullfit.config.schema import RunConfig
from nullfit.errors import UserError
from nullfit.results.result import Result, read_result
from nullfit.training.checkpoints import checkpoint_file, load_weights, read_checkpoint

if TYPE_CHECKING:
    from torch import nn

    from nullfit.data.randomized_data import RandomizedData

_KEY = "prediction_depth.run"
_SAME = ("model", "data", "corruption", "seed", "seeds")


def finished_run(run: str | None) -> tuple[Path, Result]:
    """The folder of the finished training that a user means, and its result.

    Raises:
        UserError: none is given, or it is no such folder.
    """
    if not run:
        raise UserError(
            f"task=prediction_depth needs {_KEY}=…: the folder of a finished training, e.g. "
            f"{_KEY}=outputs/first/<job>."
        )
    path = checkpoint_file(run, _KEY)
    folder = path.parent.parent
    result = read_result(folder)
    if Path(run).is_file() or result is None:
        what = "is a file" if Path(run).is_file() else "is no finished run"
        raise UserError(f"{_KEY}={run} {what}: give the folder of a training that has ended.")
    if result["status"] == "diverged":
        raise UserError(f"{_KEY}={run} diverged: its network answers nothing. Choose another run.")
    return folder, result


def refuse_other_settings(config: RunConfig, folder: Path) -> None:
    """See that data, labels and network are those that the run was trained with.

    Raises:
        UserError: they are others.
    """
    about = read_checkpoint(checkpoint_file(str(folder), _KEY)).get("nullfit", {})
    stored, own = about.get("config", {}), config.plain()
    other = [part for part in _SAME if _digest(part, stored) != _digest(part, own)]
    if other:
        raise UserError(
            f"task=prediction_depth takes {', '.join(other)} from its run, and here it is another: "
            f"neighbours vote by the labels trained on.\nLeave it out of the command: "
            f"task=prediction_depth {_KEY}={folder}."
        )


def refuse_other_samples(training: Result, samples: int) -> None:
    """See that there are as many training samples as a run was trained on.

    Raises:
        UserError: some that were left out are there, or the other way round.
    """
    trained = training["data"]["train_samples"]
    if samples != trained:
        raise UserError(
            f"{_KEY}: the run was trained on {trained:,} samples, and here are {samples:,}. Give "
            "the data.leave_out that it was trained with, and none if it had none."
        )


def _digest(part: str, settings: Mapping[str, Any]) -> str:
    section = settings.get(part)
    if isinstance(section, Mapping):
        left_out = PLACES.get(part, ())
        section = {key: value for key, value in section.items() if key not in left_out}
    return config_hash({part: section}, content=False)


def trained_network(config: RunConfig, data: "RandomizedData", folder: Path) -> "nn.Module":
    """The network with the weights that the run ended with.

    Raises:
        UserError: they do not fit it.
    """
    network = assembly.network(config, data.input_shape, len(data.classes))
    load_weights(network, checkpoint_file(str(folder), _KEY), config.model.name)
    return network
