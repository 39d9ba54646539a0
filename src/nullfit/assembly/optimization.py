"""How the network of a run is trained."""

from functools import partial

import torch
from torch import Tensor, nn

from nullfit.config.components import positional, target_of
from nullfit.config.schema import RunConfig
from nullfit.data.augmentation import Augment, flip_and_rotate, random_crop
from nullfit.data.randomized_data import RandomizedData
from nullfit.losses import Loss
from nullfit.optimizers import MakeOptimizer
from nullfit.schedules import MakeSchedule, after_warmup
from nullfit.seeds import derive
from nullfit.training.training import Training


def loss(config: RunConfig) -> Loss:
    """What the training minimizes."""
    return partial(target_of(config, "loss"), **config.loss.settings)


def optimizer(config: RunConfig) -> MakeOptimizer:
    """What makes the chosen optimizer for a network's weights."""
    target, decay = target_of(config, "optimizer"), config.regularizer.weight_decay
    draws = "seed" in positional(target)
    own = {"seed": derive(config.seed_of("order"), "optimizer")} if draws else {}
    return partial(
        target,
        weight_decay=0.0 if decay is None else decay.coefficient,
        **own,
        **config.optimizer.settings,
    )


def schedule(config: RunConfig) -> MakeSchedule:
    """What makes the chosen schedule for an optimizer and a length."""
    schedule = partial(target_of(config, "schedule"), **config.schedule.settings)
    epochs, factor = config.schedule.warmup_epochs, config.schedule.warmup_factor
    if epochs is None or factor is None:
        return schedule
    return after_warmup(schedule, epochs, factor)


def training(config: RunConfig, network: nn.Module, data: RandomizedData) -> Training:
    """The training of a network on the data of a run; where it is written is left open."""
    noise = config.regularizer.weight_noise
    return Training(
        network,
        data,
        optimizer(config),
        schedule(config),
        seed=config.seed_of("order"),
        trainer=config.trainer,
        batch_size=config.data.batch_size,
        weight_noise=noise.std if noise else 0.0,
        augment=augmentation(config, data.train.image_shape[-1]),
        title=config.job,
        loss=loss(config),
    )


def augmentation(config: RunConfig, source_size: int) -> Augment | None:
    """What is done to each training batch: random crops, mirrored and rotated images."""
    crop, turn = config.regularizer.random_crop, config.regularizer.augmentation
    if crop is None and turn is None:
        return None
    size = config.data.crop or source_size

    def augment(images: Tensor, random: torch.Generator) -> Tensor:
        if turn is not None:
            images = flip_and_rotate(images, turn.degrees, turn.flip_probability, random)
        if crop is not None:
            images = random_crop(images, size, random, crop.padding)
        return images

    return augment
