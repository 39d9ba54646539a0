"""Every corruption of 50,000 images of CIFAR's size, in seconds.

    python benchmarks/corruptions.py [--repeats 3] [--cores 2] [--tiny]

Each is called as a run calls it, on float32 images in memory, with the moments of the original
images at hand. The note says how many times as long as one copy of the images it takes.
"""

import statistics
from collections.abc import Iterator
from functools import partial

import nullfit.system.openmp  # noqa: F401 - how threads wait

import torch
from torch import Tensor

from nullfit import corruptions
from nullfit.corruptions import Corruption, Origin
from nullfit.errors import UserError
from side_by_side import Asked, Measurement, in_turns, main, timed

CORRUPTIONS: dict[str, Corruption] = {
    "random_labels": partial(corruptions.random_labels, probability=1.0),
    "shuffled_labels": partial(corruptions.shuffled_labels, fraction=1.0),
    "pair_flip_labels": partial(corruptions.pair_flip_labels, probability=0.4),
    "shuffled_pixels": corruptions.shuffled_pixels,
    "random_pixels": corruptions.random_pixels,
    "gaussian": corruptions.gaussian,
    "uniform_pixels": corruptions.uniform_pixels,
    "gaussian_noise": partial(corruptions.gaussian_noise, sigma=0.1),
    "shuffled_patches": partial(corruptions.shuffled_patches, patch=8),
    "chain": partial(
        corruptions.chain,
        steps=[partial(corruptions.random_labels, probability=0.5), corruptions.shuffled_pixels],
    ),
}


def measure(asked: Asked) -> Iterator[Measurement]:
    """All of them in turns, and a copy among them."""
    samples = 500 if asked.tiny else 50_000
    draws = torch.Generator().manual_seed(0)
    images = torch.rand(samples, 3, 32, 32, generator=draws)
    labels = torch.randint(10, (samples,), generator=draws)
    origin = Origin.of(images, labels)
    ways = {
        name: timed(partial(corrupt, c, images, labels, origin)) for name, c in CORRUPTIONS.items()
    }
    found = in_turns("corruptions", {"copy": timed(images.clone), **ways}, asked)
    copy = statistics.median(found["copy"])
    for name in CORRUPTIONS:
        times = statistics.median(found[name]) / copy
        yield Measurement(f"corruptions/{name}", found[name], [], f"{times:.2g} copies of memory")


def corrupt(corruption: Corruption, images: Tensor, labels: Tensor, origin: Origin) -> None:
    """Corrupt and throw away."""
    if len(corruption(images, labels, 0, origin).changed) != len(labels):
        raise UserError("A corruption lost samples.")


if __name__ == "__main__":
    main(__doc__, measure, repeats=3)
