"""Predictions for training samples by networks that did not see them."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.seeds import derive, generator
from nullfit.training.evaluation import EVALUATION_BATCH, logits_of
from nullfit.training.fitting import fit


@dataclass(frozen=True)
class OutOfSample:
    """Probabilities of the classes for n samples; ``accuracy`` against the labels trained on."""

    probabilities: Float[np.ndarray, "n classes"]
    accuracy: float


def out_of_sample(config: RunConfig, data: RandomizedData, folds: int) -> OutOfSample:
    """Train ``folds`` networks with the run's own settings, each on all samples but its fold.

    Fold k has initial weights and an order of samples of its own, which follow from (seed, k).
    """
    labels = data.train.labels
    fold_of = assigned_folds(labels, folds, config.seed)
    probabilities = torch.empty(len(labels), len(data.classes))
    for fold in range(folds):
        held_out = fold_of == fold
        network = _trained(config, data, held_out, fold, folds)
        part = data.train.selection(held_out)
        probabilities[held_out] = _probabilities(network, part)
    accuracy = float((probabilities.argmax(1) == labels).double().mean())
    return OutOfSample(probabilities.numpy(), accuracy)


def assigned_folds(labels: Int64[Tensor, " n"], folds: int, seed: int) -> Int64[Tensor, " n"]:
    """The fold of each sample: equally large, each with its share of every class."""
    shuffled = torch.randperm(len(labels), generator=generator(seed, "folds"))
    order = shuffled[labels[shuffled].argsort(stable=True)]
    fold_of = torch.empty(len(labels), dtype=torch.int64)
    fold_of[order] = torch.arange(len(labels)) % folds
    return fold_of


def _trained(
    config: RunConfig, data: RandomizedData, held_out: Tensor, fold: int, folds: int
) -> nn.Module:
    seed = derive(config.seed, "fold", fold)
    network = assembly.network(
        config.model_copy(update={"seed": seed}), data.input_shape, len(data.classes)
    )
    unseen = data.train.selection(held_out)
    parts = replace(
        data,
        train=data.train.selection(~held_out),
        test=unseen,
        test_clean=unseen,
        val=None,
        other_tests={},
    )
    trainer = config.trainer
    if trainer.stop_at_train_accuracy is None:  # nobody looks at what lies between
        last = trainer.epochs(len(parts.train), config.data.batch_size)
        trainer = trainer.model_copy(update={"evaluate_every": last})
    training = replace(
        assembly.training(config, network, parts),
        seed=seed,
        trainer=trainer,
        title=f"{config.job}: fold {fold + 1} of {folds}",
    )
    fit(training)
    return network


@torch.no_grad()
def _probabilities(network: nn.Module, split: Split) -> Float[Tensor, "n classes"]:
    network.eval()
    batches = [
        logits_of(network, batch, split.prepare, chosen)
        for batch, chosen in zip(
            split.images.split(EVALUATION_BATCH),
            torch.arange(len(split)).split(EVALUATION_BATCH),
            strict=True,
        )
    ]
    return torch.cat(batches).float().softmax(1)
