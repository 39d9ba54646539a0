"""The data that a run trains and tests on."""

from dataclasses import replace

from nullfit.assembly.source import load_dataset
from nullfit.config.corruptions import corruption_seed, corruption_steps, other_tests
from nullfit.config.schema import RunConfig
from nullfit.config.targets import HOMES, OWN_DATA
from nullfit.data.copies import copies_in_test
from nullfit.data.image_set import Dataset
from nullfit.data.preprocessing import Preprocessing
from nullfit.data.randomize import randomize
from nullfit.data.randomized_data import RandomizedData
from nullfit.errors import UserError


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
