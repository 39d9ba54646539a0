"""All that a run trains with, made from its settings."""

import math
from dataclasses import replace
from pathlib import Path

from torch import nn

from nullfit import assembly
from nullfit.config.identity import config_hash
from nullfit.config.schema import RunConfig
from nullfit.config.weights import weights_of_start
from nullfit.data.image_set import Dataset
from nullfit.data.randomized_data import RandomizedData
from nullfit.errors import UserError
from nullfit.runs.probes import probes_of
from nullfit.system.reading import ARRAYS_BYTES
from nullfit.training.checkpoint_format import read_checkpoint
from nullfit.training.checkpoints import resumable
from nullfit.training.ranks import check_samples
from nullfit.training.start import begin_with, freeze
from nullfit.training.training import Training

_ALWAYS_ALLOWED = 128  # samples in a batch, the default: with it a smaller set is one batch
_MOST_BYTES = ARRAYS_BYTES // 2  # of recorded matrices; a probe has arrays as well


def prepare(config: RunConfig, folder: Path, dataset: Dataset | None = None) -> Training:
    """All that a run trains with, and the checkpoint that it can go on from; writes nothing.

    ``dataset`` is that of `assembly.load_dataset` where it was read already.

    Raises:
        UserError: a batch is larger than the training set, more processes are to share it than
            can, it does not suit the probe, or the matrices to be recorded are too many.
    """
    probes = probes_of(config)
    data = assembly.randomized_data(config, dataset)
    refuse_too_few(config, len(data.train))
    _refuse_too_many_matrices(config, data)
    for probe in probes:
        probe.refuse(data.train, len(data.train))
    network = initial_network(config, data.input_shape, len(data.classes))
    digest = config_hash(config.plain())
    return replace(
        assembly.training(config, network, data),
        folder=folder,
        resume=resumable(folder, digest),
        probes=probes,
        about={"config_hash": digest, "config": config.plain()},
    )


def initial_network(
    config: RunConfig, input_shape: tuple[int, int, int], classes: int
) -> nn.Module:
    """The network that a training begins with: the weights of another run in it, some frozen.

    Raises:
        UserError: that run has no such weights, they do not fit, or nothing is left to be trained.
    """
    network = assembly.network(config, input_shape, classes)
    for part in weights_of_start(config.start.model_dump(), config.model.name, config.seed):
        begin_with(
            network, read_checkpoint(part.file)["state_dict"], part.layers, str(part.file), part.key
        )
    if config.freeze is not None:
        freeze(network, config.freeze)
    return network


def refuse_too_few(config: RunConfig, samples: int) -> None:
    """See that a training set of so many samples is enough.

    Raises:
        UserError: a batch is larger than it, or more processes are to share it than can.
    """
    check_samples(config.trainer, samples)
    batch_size = config.data.batch_size
    if batch_size > max(samples, _ALWAYS_ALLOWED):
        raise UserError(
            f"data.batch_size={batch_size} is larger than the training set of {samples} samples. "
            f"Choose 1 to {samples}."
        )


def _refuse_too_many_matrices(config: RunConfig, data: RandomizedData) -> None:
    trainer, size = config.trainer, 4 * len(data.classes) ** 2
    epochs = trainer.epochs(len(data.train), config.data.batch_size)
    evaluations = math.ceil(epochs / trainer.evaluate_every)
    if trainer.record_confusion and evaluations * size > _MOST_BYTES:
        every = math.ceil(epochs / max(_MOST_BYTES // size, 1))
        raise UserError(
            f"trainer.record_confusion=true would keep a matrix of {len(data.classes):,}² counts "
            f"after up to {epochs:,} epochs, more than can be read again. Use "
            f"trainer.evaluate_every={every}, or trainer.record_confusion=false."
        )
