"""The network of a run, with the weights that it began and ended with."""

from collections.abc import Mapping
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.errors import UserError
from nullfit.results.metrics_file import metrics_table
from nullfit.training.evaluation import EVALUATION_BATCH, evaluate
from nullfit.training.given_checkpoint import checkpoint_file, load_weights
from nullfit.training.weight_norms import WeightNorms

_DISTANCE = "weights/distance_from_start"
_TOLERANCE = 1e-3  # of the distance, which is a sum of many roundings


def trained_network(
    config: RunConfig, data: RandomizedData, key: str, folder: Path, device: torch.device
) -> tuple[nn.Module, Mapping[str, Tensor]]:
    """The network of a run in evaluation mode, and the weights that it began with, by name.

    Raises:
        UserError: it has other buffers than weights, its weights do not fit, or it began with
            others than those that follow from its seed.
    """
    network = assembly.network(config, data.input_shape, len(data.classes))
    _refuse_moments(network, config.model.name)
    norms = WeightNorms(network)
    start = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    load_weights(network, checkpoint_file(str(folder), key), config.model.name)
    _refuse_other_weights(norms(network).get(_DISTANCE, 0.0), key, folder)
    start = {name: weight.to(device) for name, weight in start.items()}
    return network.to(device).eval(), start


def _refuse_moments(network: nn.Module, model: str) -> None:
    for name, values in network.named_buffers():
        if values.is_floating_point():
            raise UserError(
                f"task=pac_bayes is impossible with model={model}: {name} comes from the training "
                "samples and is no weight, and the bound is of the weights alone.\nChoose a run of "
                "a network without batch norm, e.g. mlp_1x512 or inception_no_bn."
            )


def _refuse_other_weights(distance: float, key: str, folder: Path) -> None:
    epochs = metrics_table(folder)
    if _DISTANCE not in epochs or not len(epochs):
        return
    then = float(epochs[_DISTANCE].iloc[-1])
    if abs(distance - then) > _TOLERANCE * max(then, distance):
        raise UserError(
            f"{key}: the trained weights are {distance:.4g} from the initial ones here, and "
            f"{then:.4g} in metrics.csv: the run began with others.\nUse the version of torch that "
            "it was trained with."
        )


def accuracies(network: nn.Module, data: RandomizedData) -> dict[str, float]:
    """Those of the network as it was trained, by their names in a result."""
    return {
        f"{name}/accuracy": evaluate(network, split.pixels, split.labels, split.prepare).accuracy
        for name, split in (("train", data.train), ("test", data.test))
    }


def inputs_of(split: Split) -> Float[Tensor, "n c h w"]:
    """The images of a split as a network in evaluation mode gets them, all at once.

    Raises:
        UserError: they do not fit into memory.
    """
    images, prepare = split.images, split.prepare
    if prepare is None:
        return images
    batches = torch.arange(len(images)).split(EVALUATION_BATCH)
    return torch.cat([prepare(images[batch], batch) for batch in batches])
