"""The network of a finished run, for the data that it was trained on."""

from pathlib import Path
from typing import TYPE_CHECKING

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.training.given_checkpoint import checkpoint_file, load_weights

if TYPE_CHECKING:
    from torch import nn

    from nullfit.data.randomized_data import RandomizedData

KEY = "prediction_depth.run"


def trained_network(config: RunConfig, data: "RandomizedData", folder: Path) -> "nn.Module":
    """The network with the weights that the run ended with.

    Raises:
        UserError: they do not fit it.
    """
    network = assembly.network(config, data.input_shape, len(data.classes))
    load_weights(network, checkpoint_file(str(folder), KEY), config.model.name)
    return network
