"""Batches of 128 preprocessed images: nullfit's loader against torchvision's transforms.

    python benchmarks/batches.py [--repeats 5] [--cores 2] [--tiny]

Preprocessing is the study's: bytes to float, centre crop to 28 of 32 (not of MNIST's 28), whitening
by image; with augmentation random crops, mirrored and rotated images. Sets are noise of the size of
CIFAR-10's and MNIST's training sets. The comparison is what tutorials do: a data set that hands out
Pillow images as torchvision's do, `transforms.Compose`, a shuffling `DataLoader`, the best of 0, 1
and 2 workers; timed once its workers are warm.

Ours is preprocessed once for all epochs. The figure is an epoch's share of a run of 100 epochs (the
default length): what is done once is counted, divided by 100. Lines named ``first`` count all of it
in a single epoch. With augmentation only the conversion is done once.
"""

import time
from collections.abc import Iterator
from functools import partial
from itertools import islice

import nullfit.system.openmp  # noqa: F401 - how threads wait

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from nullfit.corruptions import none
from nullfit.data import Dataset, ImageSet, Preprocessing, Step, randomize
from nullfit.data.augmentation import flip_and_rotate, random_crop
from nullfit.data.module import RandomizedDataModule
from nullfit.system.ecosystem import torchvision
from side_by_side import Asked, Measurement, in_turns, main

transforms = torchvision.transforms
BATCH, EPOCHS, DEGREES = 128, 100, 25.0
AUGMENTED_BATCHES = 100  # are enough to tell
SHAPES = {"cifar": (3, 32, 32), "mnist": (1, 28, 28)}


class Pictures(TorchDataset[tuple[Tensor, int]]):
    """A data set as torchvision has them: one Pillow image at a time, then the transform."""

    def __init__(self, images: Tensor, labels: Tensor, transform: transforms.Compose) -> None:
        self.images = images.permute(0, 2, 3, 1).squeeze(3).numpy()
        self.labels = labels.tolist()
        self.transform = transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.images[index])), self.labels[index]


def whiten_one(image: Tensor) -> Tensor:
    """`whiten`, for a single image, without copies."""
    std, mean = torch.std_mean(image, correction=0)
    return (image - mean) / std.clamp_min(image.numel() ** -0.5)


def measure(asked: Asked) -> Iterator[Measurement]:
    """Both sets, without augmentation and with it."""
    for name, shape in SHAPES.items():
        train = noise(shape, 500 if asked.tiny else {"cifar": 50_000, "mnist": 60_000}[name])
        check(train)
        for augmented in (False, True):
            figure = f"batches/{name}{'_augmented' if augmented else ''}"
            ways = {
                str(workers): partial(theirs, train, augmented, workers, 3 if asked.tiny else 30)
                for workers in (0, 1, 2)
            }
            once: list[float] = []
            ways["ours"] = partial(ours, train, augmented, once)
            found = in_turns(figure, ways, asked)
            best = [
                min(found[str(workers)][i] for workers in (0, 1, 2)) for i in range(asked.repeats)
            ]
            note = f"{len(train) / torch.tensor(found['ours']).median():,.0f} images a second"
            yield Measurement(figure, found["ours"], best, note)
            if not augmented:
                first = [
                    epoch + all_once * (1 - 1 / EPOCHS)
                    for epoch, all_once in zip(found["ours"], once[-asked.repeats :], strict=True)
                ]
                yield Measurement(f"{figure}_first", first, best)


def noise(shape: tuple[int, int, int], samples: int) -> ImageSet:
    """A training set of random bytes."""
    draws = torch.Generator().manual_seed(0)
    images = torch.randint(256, (samples, *shape), generator=draws, dtype=torch.uint8)
    labels = torch.randint(10, (samples,), generator=draws)
    return ImageSet(images, labels, tuple("0123456789"), "noise")


def ours(train: ImageSet, augmented: bool, once: list[float]) -> float:
    """Seconds an epoch: those for the batches, and a hundredth of those for what is done once."""
    began = time.perf_counter()
    module = prepared(train, augmented)
    done_once = time.perf_counter() - began
    once.append(done_once)
    module.start_epoch(0)
    loader = module.train_dataloader()
    batches = min(AUGMENTED_BATCHES, len(loader)) if augmented else len(loader)
    began = time.perf_counter()
    for _images, _labels in islice(loader, batches):
        pass
    return (time.perf_counter() - began) / batches * len(loader) + done_once / EPOCHS


def prepared(train: ImageSet, augmented: bool) -> RandomizedDataModule:
    """What a run makes of a data set; its test set is tiny, since it is not counted here."""
    few = train.subset(torch.arange(10))
    data = randomize(
        Dataset("noise", train, few),
        [Step(none, "both")],
        0,
        Preprocessing(28, "per_image", while_training=augmented),
    )
    return RandomizedDataModule(data, BATCH, 0, augment if augmented else None)


def augment(images: Tensor, random: torch.Generator) -> Tensor:
    """What ``regularizer=[augmentation,random_crop]`` does."""
    return random_crop(flip_and_rotate(images, DEGREES, 0.5, random), 28, random)


def theirs(train: ImageSet, augmented: bool, workers: int, batches: int) -> float:
    """Seconds an epoch, from a number of batches after the first."""
    loader = DataLoader(
        pictures(train, augmented), batch_size=BATCH, shuffle=True, num_workers=workers
    )
    batch = iter(loader)
    next(batch)
    began = time.perf_counter()
    for _ in range(batches):
        next(batch)
    return (time.perf_counter() - began) / batches * len(loader)


def pictures(train: ImageSet, augmented: bool) -> Pictures:
    """The comparison's data set."""
    steps = [transforms.CenterCrop(28)] if train.shape[1] != 28 else []
    if augmented:
        steps = [
            transforms.RandomHorizontalFlip(),
            transforms.RandomRotation(DEGREES, transforms.InterpolationMode.BILINEAR),
            transforms.RandomCrop(28),
        ]
    steps += [transforms.ToTensor(), transforms.Lambda(whiten_one)]
    return Pictures(train.images, train.labels, transforms.Compose(steps))


def check(train: ImageSet) -> None:
    """See that both make the same images."""
    one = pictures(train, False)
    image = prepared(train.subset(torch.arange(16)), False).data.train.images[3]
    torch.testing.assert_close(one[3][0], image, atol=1e-4, rtol=1e-4)


if __name__ == "__main__":
    main(__doc__, measure, repeats=5)
