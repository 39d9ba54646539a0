"""Whole runs against the usual public recipe, to the same accuracy.

    python benchmarks/whole_run.py [--repeats 2] [--cores 2] [--tiny]

The recipe (`recipe.py`) is that of most public training scripts: a torchvision pipeline for each
image, a DataLoader with one worker, two reads a step that wait for loss and accuracy, and an
evaluation of the whole training and test set after each epoch. The program trains as ``run.py``
does, by default; preparing the images, metrics.csv, checkpoints, result and arrays are part of its
time. Both begin with the same images in memory, as bytes, and the same initial weights, and have
the same optimizer, schedule and order of samples. Imports are left out of both.

An MLP learns random labels of noise; a wide residual network learns scikit-learn's handwritten
digits, enlarged to 32×32 in colour. The note shows the accuracies that both came to; they
differ by rounding, which training amplifies, and the benchmark fails where they differ by more.
"""

import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import nullfit.system.openmp  # noqa: F401 - how threads wait

import numpy as np
import torch
from torch import Tensor

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.data.image_set import Dataset, ImageSet
from nullfit.results.formats import percent
from nullfit.runs.outcome import begin
from nullfit.seeds import generator
from nullfit.tasks.train.task import conclude, prepare
from nullfit.training.fitting import fit
from nullfit.training.loggers import tracking
from real_images import enlarged_digits
from recipe import ArrayImages, normalized, train_by_recipe
from side_by_side import Asked, Measurement, compare, main, timed
from synthetic import CLASSES, config_of

_OFF = 0.1  # accuracies may differ by this


@dataclass(frozen=True)
class Case:
    """A network, its data, and how long it is trained."""

    name: str
    model: list[str]
    dataset: Dataset
    epochs: int


def measure(asked: Asked) -> Iterator[Measurement]:
    """Both networks."""
    yield from (compared(case, asked) for case in cases(tiny=asked.tiny))


def compared(case: Case, asked: Asked) -> Measurement:
    """The times of one network both ways, and the accuracies that they came to."""
    reached: dict[str, tuple[float, float]] = {}

    def ours() -> None:
        reached["ours"] = by_program(case)

    def theirs() -> None:
        reached["theirs"] = by_recipe(case)

    found = compare(case.name, timed(ours), timed(theirs), asked, warm_up=0)
    return Measurement(found.name, found.ours, found.theirs, told(reached, asked))


def cases(*, tiny: bool) -> list[Case]:
    """The two of the table."""
    draws = torch.Generator().manual_seed(0)
    train, test = (300, 100) if tiny else (2_500, 500)
    mlp = ["model=mlp", "model.hidden=[512]", "model.bias=false"]
    return [
        Case("whole_run/mlp", mlp, noise(train, test, draws), 2 if tiny else 10),
        Case(
            "whole_run/wide_resnet",
            ["model=wide_resnet", "data.batch_size=32", "optimizer.lr=0.05"],
            enlarged_digits(32, 64 if tiny else 384),
            1 if tiny else 8,
        ),
    ]


def noise(train: int, test: int, draws: torch.Generator) -> Dataset:
    """Images and labels that have nothing to do with each other."""

    def split(count: int) -> ImageSet:
        images = torch.randint(256, (count, 3, 32, 32), generator=draws, dtype=torch.uint8)
        labels = torch.randint(len(CLASSES), (count,), generator=draws)
        return ImageSet(images, labels, CLASSES, "noise")

    return Dataset("noise", split(train), split(test))


def options(case: Case, folder: str) -> RunConfig:
    """The configuration of a run, as the command line would compose it."""
    data = ["data.crop=null", "data.whitening=per_channel", "trainer.progress=false"]
    # To a rate of 0: at a high one batch norm's accuracy jumps from epoch to epoch.
    length = ["schedule=cosine", f"trainer.max_epochs={case.epochs}"]
    return config_of(*case.model, *data, *length, f"outputs={folder}")


def by_program(case: Case) -> tuple[float, float]:
    """A run's training and test accuracy."""
    with tempfile.TemporaryDirectory() as place, redirect_stdout(StringIO()):
        config, folder = options(case, place), Path(place) / "run"
        training = prepare(config, folder, case.dataset)
        begin(config, folder)
        with tracking(config, folder) as tracked:
            tracked.data(training.data)
            result = conclude(config, folder, training, fit(training), tracked)
    return result["metrics"]["train/accuracy"], result["metrics"]["test/accuracy"]


def by_recipe(case: Case) -> tuple[float, float]:
    """The same of the recipe."""
    config, source = options(case, "unused"), case.dataset.train
    network = assembly.network(config, source.shape, len(source.classes))
    optimizer = assembly.optimizer(config)(network.parameters())
    schedule = assembly.schedule(config)(optimizer, case.epochs, 1, len(source)).scheduler
    unit = source.unit_images()
    mean, std = unit.mean((0, 2, 3)).tolist(), unit.std((0, 2, 3), correction=0).tolist()
    pipeline = normalized(mean, std)
    splits = [
        ArrayImages(channels_behind(split.tensor), split.labels.tolist(), pipeline)
        for split in (case.dataset.train, case.dataset.test)
    ]

    def order(epoch: int) -> Tensor:
        return torch.randperm(len(source), generator=generator(config.seed, "order", epoch))

    batch = config.data.batch_size
    return train_by_recipe(network, optimizer, schedule, *splits, order, case.epochs, batch)


def channels_behind(images: Tensor) -> np.ndarray:
    """(n, h, w, c), as torchvision's data sets hold images."""
    return images.permute(0, 2, 3, 1).contiguous().numpy()


def told(reached: dict[str, tuple[float, float]], asked: Asked) -> str:
    """The accuracies of both ways.

    Raises:
        RuntimeError: they did not come to the same.
    """
    (train, test), (other_train, other_test) = reached["ours"], reached["theirs"]
    if not asked.tiny and max(abs(train - other_train), abs(test - other_test)) > _OFF:
        raise RuntimeError(f"accuracies differ: {reached}")
    return (
        f"train {percent(train)}% and {percent(other_train)}%, "
        f"test {percent(test)}% and {percent(other_test)}% (ours, theirs)"
    )


if __name__ == "__main__":
    main(__doc__, measure, repeats=2)
