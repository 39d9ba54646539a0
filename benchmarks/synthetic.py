"""Images of noise to measure with, and the plain PyTorch loop that the program is held against."""

import torch
from torch import nn
from torch.nn import functional
from torch.optim import Optimizer

from nullfit.config.compose import compose_run
from nullfit.config.composer import composer
from nullfit.config.schema import RunConfig
from nullfit.config.validation import validate
from nullfit.data.randomized_data import RandomizedData, Split

BATCH = 128
CLASSES = tuple("0123456789")


def synthetic(train: int, test: int, size: int = 28) -> RandomizedData:
    """So many colour images for training and testing, ready for a network, of ten classes."""
    draws = torch.Generator().manual_seed(0)

    def split(count: int) -> Split:
        images = torch.randn(count, 3, size, size, generator=draws)
        labels = torch.randint(len(CLASSES), (count,), generator=draws)
        return Split(images, labels, labels)

    training, testing = split(train), split(test)
    return RandomizedData(
        name="synthetic",
        classes=CLASSES,
        input_shape=(3, size, size),
        train=training,
        test=testing,
        test_clean=testing,
        val=None,
        labels_changed=0.0,
        images_changed=0.0,
        examples=testing,
    )


def config_of(*overrides: str) -> RunConfig:
    """What ``run.py data=cifar10 …`` would train with, without a logger."""
    with composer():
        options = ["data=cifar10", f"data.batch_size={BATCH}", "logger=csv"]
        whole = "trainer.stop_at_train_accuracy=null"
        return validate(compose_run([*options, whole, *overrides]))


def bare_epoch(network: nn.Module, optimizer: Optimizer, train: Split) -> None:
    """One epoch as one writes it for tensors that are in memory; nothing is measured."""
    for chosen in torch.randperm(len(train), device=train.labels.device).split(BATCH):
        optimizer.zero_grad(set_to_none=True)
        logits = network(train.images[chosen])
        functional.cross_entropy(logits, train.labels[chosen]).backward()
        optimizer.step()
