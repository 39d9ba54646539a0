"""The network of a finished run, for the data that it was trained on."""

from pathlib import Path
from typing import TYPE_CHECKING

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.errors import UserError
from nullfit.results.result import Result, read_result
from nullfit.training.checkpoints import checkpoint_file, load_weights

if TYPE_CHECKING:
    from torch import nn

    from nullfit.data.randomized_data import RandomizedData

KEY = "prediction_depth.run"


def finished_run(run: str | None) -> tuple[Path, Result]:
    """The folder of the finished training that a user means, and its result.

    Raises:
        UserError: none is given, or it is no such folder.
    """
    if not run:
        raise UserError(
            f"task=prediction_depth needs {KEY}=…: the folder of a finished training, e.g. "
            f"{KEY}=outputs/first/<job>."
        )
    path = checkpoint_file(run, KEY)
    folder = path.parent.parent
    result = read_result(folder)
    if Path(run).is_file() or result is None:
        what = "is a file" if Path(run).is_file() else "is no finished run"
        raise UserError(f"{KEY}={run} {what}: give the folder of a training that has ended.")
    if result["status"] == "diverged":
        raise UserError(f"{KEY}={run} diverged: its network answers nothing. Choose another run.")
    return folder, result


def trained_network(config: RunConfig, data: "RandomizedData", folder: Path) -> "nn.Module":
    """The network with the weights that the run ended with.

    Raises:
        UserError: they do not fit it.
    """
    network = assembly.network(config, data.input_shape, len(data.classes))
    load_weights(network, checkpoint_file(str(folder), KEY), config.model.name)
    return network
