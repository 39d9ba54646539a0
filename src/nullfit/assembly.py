"""The parts of a run, made from its validated configuration."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from nullfit.config.components import parameters, positional, target_of
from nullfit.config.corruptions import corruption_seed, corruption_steps, other_tests
from nullfit.config.ratings import is_ratings
from nullfit.config.schema import RunConfig
from nullfit.config.targets import HOMES, OWN_DATA
from nullfit.console.messages import one_line, warn
from nullfit.data.augmentation import Augment, flip_and_rotate, random_crop
from nullfit.data.binary import with_two_classes
from nullfit.data.copies import copies_in_test
from nullfit.data.image_set import Dataset
from nullfit.data.limit import limit
from nullfit.data.preprocessing import Preprocessing
from nullfit.data.randomize import randomize
from nullfit.data.randomized_data import RandomizedData
from nullfit.data.rating_matrix import RatingMatrix
from nullfit.errors import UserError
from nullfit.losses import Loss
from nullfit.models.build import build, require_fit
from nullfit.models.initialization import Initialization, reinitialize
from nullfit.optimizers import MakeOptimizer
from nullfit.schedules import MakeSchedule, after_warmup
from nullfit.seeds import derive
from nullfit.training.training import Training

_NAMED = 5  # classes in a message


def load_dataset(config: RunConfig) -> Dataset:
    """The chosen data source, cut down to the limits, of two classes where these are asked for.

    Raises:
        UserError: it gives no images, or images of one class only, or does not have the classes of
            ``data.binary``.
    """
    return limited(config, read_source(config))


def limited(config: RunConfig, dataset: Any) -> Dataset:
    """What the data source of a run gave, cut down to the limits, see `load_dataset`.

    Raises:
        UserError: it is no set of images, or as `load_dataset`.
    """
    if isinstance(dataset, RatingMatrix):
        raise UserError(
            f"task={config.task.name} needs images, and data={config.data.name} is a matrix of "
            "ratings: use task=factorization, or data=digits."
        )
    if not isinstance(dataset, Dataset):
        raise UserError(
            f"data._target_={config.data.target} returned a {type(dataset).__name__}.\nReturn "
            "nullfit.data.Dataset(name, train, test), each split an ImageSet."
        )
    kept = of_all_classes = limit(dataset, config.data.train_limit, config.data.test_limit)
    if config.data.binary is not None:  # after the limits: a subset is the same with and without
        kept = with_two_classes(kept, config.data.binary)
    if not (kept.train.labels != kept.train.labels[0]).any():
        raise UserError(
            f"data={config.data.name}: all training samples ({len(kept.train)}) are of one "
            "class, so that there is nothing to learn.\nTake a data set of two classes at least, "
            "and data.train_limit large enough for them."
        )
    _tell_of_lost_classes(config, dataset, of_all_classes)
    return kept


def _tell_of_lost_classes(config: RunConfig, dataset: Dataset, kept: Dataset) -> None:
    """Warn of classes that a limit takes all training samples of: no network can learn them."""
    if config.data.train_limit is None:
        return
    there = dataset.train.labels.unique().tolist()
    lost = sorted(set(there) - set(kept.train.labels.tolist()))
    if lost:
        names = ", ".join(one_line(dataset.train.classes[label]) for label in lost[:_NAMED])
        more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
        warn(
            f"data.train_limit={config.data.train_limit} leaves {len(lost)} of {len(there)} "
            f"classes without training samples: {names}{more}. From {len(there)} on each has one."
        )


def load_ratings(config: RunConfig) -> RatingMatrix:
    """The chosen matrix of ratings.

    Raises:
        UserError: the data source gives something else.
    """
    require_ratings(config)
    matrix: RatingMatrix = read_source(config)
    return matrix


def require_ratings(config: RunConfig) -> None:
    """See that the data source gives a matrix of ratings.

    Raises:
        UserError: it gives something else.
    """
    if not is_ratings(config):
        raise UserError(
            f"task={config.task.name} needs a matrix of ratings, and data={config.data.name} is "
            "none: use data=ratings, with data.path=… for a CSV file of your own."
        )


def read_source(config: RunConfig) -> Any:
    """What the chosen data source gives.

    Raises:
        UserError: it cannot be read.
    """
    return target_of(config, "data")(**source_settings(config))


def source_settings(config: RunConfig) -> dict[str, Any]:
    """What the chosen data source is called with."""
    common = {name: getattr(config.data, name) for name in type(config.data).model_fields}
    settings = {**common, **config.data.settings}
    declared = parameters(target_of(config, "data"))  # what the file leaves out has a default
    return {name: settings[name] for name in declared if name in settings}


def randomized_data(config: RunConfig, dataset: Dataset | None = None) -> RandomizedData:
    """The data of a run after cropping, corruption and whitening."""
    dataset = dataset or load_dataset(config)
    regularizer = config.regularizer
    _check_channels(config, dataset)
    if regularizer.random_crop is not None:
        _check_room_for_crops(config, dataset, regularizer.random_crop.padding)
    found = randomize(
        dataset,
        corruption_steps(config),
        corruption_seed(config),
        Preprocessing(
            config.data.crop,
            config.data.whitening,
            while_training=bool(regularizer.random_crop or regularizer.augmentation),
            mean=config.data.mean or (),
            std=config.data.std or (),
        ),
        config.data.val_fraction,
        config.corruption.fresh,
        other_tests(config),
        config.data.leave_out,
    )
    return replace(found, test_copies=copies_in_test(dataset)) if _is_own(config) else found


def _is_own(config: RunConfig) -> bool:
    """Whether the data are the user's: published ones are what they are, and large."""
    home, _, option = config.data.target.rpartition(".")
    return home != HOMES["data"] or option in OWN_DATA


def network(
    config: RunConfig, input_shape: tuple[int, int, int], classes: int, number: int | None = None
) -> nn.Module:
    """The chosen network with initial weights that follow from the seed, and the ``number``.

    Of several networks of one run each has a number, and weights of its own.
    """
    seed = config.seed_of("initialization")
    seed = seed if number is None else derive(seed, "network", number)
    return build(_architecture(config), input_shape, classes, seed, config.model.name)


def require_network(config: RunConfig, input_shape: tuple[int, int, int], classes: int) -> None:
    """See that `network` would make one, without making its weights.

    Raises:
        UserError: the chosen model cannot take such images.
    """
    require_fit(_architecture(config), input_shape, classes, config.model.name)


def _architecture(config: RunConfig) -> Callable[..., nn.Module]:
    settings = config.model.settings
    if config.regularizer.dropout is not None:
        settings["dropout"] = config.regularizer.dropout.probability
    factory = partial(target_of(config, "model"), **settings)
    kind = config.model.initialization
    return factory if kind is None else partial(_reinitialized, factory, kind)


def _reinitialized(
    factory: Callable[..., nn.Module],
    kind: Initialization,
    input_shape: tuple[int, int, int],
    classes: int,
) -> nn.Module:
    made = factory(input_shape, classes)
    reinitialize(made, kind)
    return made


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


def _check_channels(config: RunConfig, dataset: Dataset) -> None:
    """See that fixed means and deviations are as many as the images have channels, or one.

    Raises:
        UserError: they are others.
    """
    channels = dataset.train.shape[0]
    for name, values in (("mean", config.data.mean), ("std", config.data.std)):
        if values is not None and len(values) not in (1, channels):
            raise UserError(
                f"data.{name}={values} has {len(values)} numbers, and these images have "
                f"{channels} channel{'' if channels == 1 else 's'}: give one for each, or one."
            )


def _check_room_for_crops(config: RunConfig, dataset: Dataset, padding: int) -> None:
    *_, height, width = dataset.train.images.shape
    crop = config.data.crop
    if height != width and crop is None:
        raise UserError(
            f"regularizer=random_crop needs square images or data.crop; these are {height}×{width}."
        )
    if not padding and (crop is None or crop >= min(height, width)):
        raise UserError(
            f"regularizer=random_crop has no room in images of {height}×{width} with "
            f"data.crop={crop or 'null'} and regularizer.random_crop.padding=0.\n"
            "Set data.crop below the image size, or a padding above 0."
        )
