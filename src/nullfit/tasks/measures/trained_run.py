"""A finished training, with its network and its data made again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from pydantic import ValidationError
from torch import Tensor, nn

from nullfit import assembly
from nullfit.config.components import check_settings, target_of
from nullfit.config.schema import RunConfig
from nullfit.config.weights import CHECKPOINTS, FINAL
from nullfit.data.loader import BatchLoader
from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.errors import UserError, override
from nullfit.report.samples import with_data_of
from nullfit.results.study import Run
from nullfit.training.evaluation import EVALUATION_BATCH
from nullfit.training.given_checkpoint import load_weights
from nullfit.training.weight_norms import WeightNorms

_DISTANCE = "weights/distance_from_start"
_PARTS = ("seed", "seeds", "corruption", "model", "regularizer")


@dataclass(frozen=True)
class TrainedRun:
    """The ``network`` of a run as it was trained, in evaluation mode, and its ``data``.

    ``start`` are the weights that its settings begin with, by name, and ``distance`` is how far the
    trained weights are from them; ``written_distance`` is what the run itself noted at its end,
    None if it did not.
    """

    network: nn.Module
    data: RandomizedData
    start: Mapping[str, Tensor]
    distance: float
    written_distance: float | None


def made_again(run: Run, command: RunConfig, device: torch.device) -> TrainedRun:
    """A run's network from its checkpoint, and its data from its settings.

    Whatever these ask for, only code that the ``command`` trusts (``allow_targets``) is loaded, and
    only files that it names are read.

    Raises:
        UserError: the run diverged, or its settings, checkpoint or data cannot be used.
    """
    if run.diverged:
        raise UserError("its loss did not stay finite, so that its weights mean nothing")
    try:
        config = _config(run, command)
        data = assembly.randomized_data(config)
    except ValidationError as error:
        raise UserError(f"its config.yaml is none of this version ({error.title})") from error
    except KeyError as error:
        raise UserError(f"its config.yaml lacks {error}") from error
    samples = run.result["data"].get("train_samples", len(data.train))
    if len(data.train) != samples:
        raise UserError(f"it trained on {samples:,} samples, and its data have {len(data.train):,}")
    network = assembly.network(config, data.input_shape, len(data.classes))
    norms = WeightNorms(network)
    start = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    load_weights(network, run.folder / CHECKPOINTS / FINAL, config.model.name)
    distance = norms(network).get(_DISTANCE, 0.0)
    return TrainedRun(network.to(device).eval(), data, start, distance, _written_distance(run))


def _written_distance(run: Run) -> float | None:
    try:
        epochs = run.epochs()
    except UserError:
        return None
    return float(epochs[_DISTANCE].iloc[-1]) if _DISTANCE in epochs and len(epochs) else None


def _config(run: Run, command: RunConfig) -> RunConfig:
    """The command's configuration with what makes the run's network and data.

    Raises:
        UserError: it names files or code that the command does not.
    """
    parts = {key: run.config[key] for key in _PARTS if key in run.config}
    config = with_data_of(run, command, {"seeds": {}, "regularizer": {}, **parts})
    target = target_of(config, "model")
    if problems := check_settings(target, config.model.settings, "model"):
        raise UserError(problems[0])
    left_out = run.config["data"].get("leave_out")
    if left_out is not None and command.data.leave_out is None:
        word = override("data.leave_out", str(left_out))
        raise UserError(f"it trained without some samples, for you to name: add {word}")
    named = {"leave_out": None if left_out is None else command.data.leave_out}
    return config.model_copy(update={"data": config.data.model_copy(update=named)})


def batches_of(split: Split, network: nn.Module) -> Iterator[tuple[Tensor, Tensor]]:
    """The images and labels of a split as a network in evaluation mode gets them, in order."""
    weight = next(network.parameters())
    prepare = split.prepare
    loader = BatchLoader(
        split.pixels,
        split.labels,
        EVALUATION_BATCH,
        seed=0,
        shuffle=False,
        transform=None if prepare is None else lambda images, _, samples: prepare(images, samples),
    )
    for images, labels in loader:
        yield images.to(weight.device, weight.dtype), labels.to(weight.device)
