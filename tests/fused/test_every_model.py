"""Every model trains together as it trains alone, with dropout where it has one."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.data.image_set import Dataset
from nullfit.training.training import Training
from tests.conftest import MakeConfig
from tests.fused.comparison import assert_the_same, training
from tests.models.settings import OPTIONS, read

pytestmark = pytest.mark.slow

# A batch of eight images and one of six: batch norm makes much of the rounding of fewer.
FEW = (
    *("trainer.precision=64-true", "trainer.max_epochs=1", "optimizer.lr=0.01"),
    *("data.train_limit=14", "data.test_limit=4", "data.batch_size=8"),
)
# Pixels a side, of those that cannot take the eight of the digits.
LARGER = {"inception_flat_head": 9, "lenet": 16, "forgetting_cnn": 16, "cnn_15x15": 15}
# Of torchvision's networks one of two million parameters, not of eleven.
SMALLER = {"torchvision": ("model.architecture=mobilenet_v3_small",)}
DROPS = [option for option in OPTIONS if read(option).get("dropout") is not None]  # 0 by default


def on_larger_images(config: RunConfig) -> Training:
    """Digits enlarged until `data.crop` fits."""
    assert config.data.crop is not None
    loaded = assembly.load_dataset(config)
    data = assembly.randomized_data(config, enlarged(loaded, -(-config.data.crop // 8)))
    network = assembly.network(config, data.input_shape, len(data.classes))
    return assembly.training(config, network, data)


def enlarged(dataset: Dataset, times: int) -> Dataset:
    def larger(images: Tensor) -> Tensor:
        return images.repeat_interleave(times, dim=2).repeat_interleave(times, dim=3)

    train, test = (
        replace(split, images=larger(split.images)) for split in (dataset.train, dataset.test)
    )
    return replace(dataset, train=train, test=test)


def seeds(config: RunConfig) -> list[RunConfig]:
    return [config.model_copy(update={"seed": seed}) for seed in (0, 1)]


@pytest.mark.parametrize("option", OPTIONS)
def test_a_model_trains_together_as_alone(tiny_config: MakeConfig, option: str) -> None:
    dropout = ("regularizer=dropout", "regularizer.dropout.probability=0.3")
    size = LARGER.get(option)
    make = training if size is None else on_larger_images
    config = tiny_config(
        *FEW,
        f"model={option}",
        *SMALLER.get(option, ()),
        *(dropout if option in DROPS else ()),
        *(() if size is None else (f"data.crop={size}",)),
    )
    assert_the_same(seeds(config), make=make)


class DropsMaps(nn.Module):
    """Drops of the images, of maps and of features, each in its own way."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.of_images = nn.Dropout(0.1)
        self.first = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.of_maps = nn.Dropout(0.3)
        self.second = nn.Conv2d(4, 6, 1)
        self.of_positions = nn.Dropout(0.2, inplace=True)
        self.of_features = nn.Dropout(0.5)
        self.head = nn.Linear(6 * 16, classes)

    def forward(self, images: Tensor) -> Tensor:
        maps = self.of_maps(functional.relu(self.norm(self.first(self.of_images(images)))))
        maps = functional.max_pool2d(functional.relu(self.second(maps)), 2)
        positions = self.of_positions(maps.flatten(2).transpose(1, 2) * 1.0)
        logits: Tensor = self.head(self.of_features(positions.flatten(1)))
        return logits


def with_network(make_network: Callable[[int], nn.Module]) -> Callable[[RunConfig], Training]:
    """Trainings of a network of one's own."""

    def make(config: RunConfig) -> Training:
        made = training(config)
        torch.manual_seed(config.seed)
        return replace(made, network=make_network(len(made.data.classes)))

    return make


LAYOUTS = ("auto", "contiguous", "channels_last")
ON_MAPS = {
    "a network of one's own": (with_network(DropsMaps), ()),
    "on augmented images, with noisy weights": (
        with_network(DropsMaps),
        (
            "regularizer=[augmentation,random_crop,weight_noise]",
            "regularizer.random_crop.padding=1",
        ),
    ),
    "wide_resnet_10": (training, ("model=wide_resnet_10", "model.dropout=0.3")),
    "squeezenet of torchvision": (
        on_larger_images,
        (
            *("model=torchvision", "model.architecture=squeezenet1_1"),
            *("data.crop=33", "trainer.max_epochs=1"),
        ),
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("make", "options"), ON_MAPS.values(), ids=ON_MAPS)
def test_masks_of_maps_are_those_of_the_layout_alone(tiny_config, make, options, layout) -> None:
    config = tiny_config(*FEW, "trainer.max_epochs=2", *options, f"trainer.memory_format={layout}")
    assert_the_same(seeds(config), make=make)
