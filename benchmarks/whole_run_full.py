"""Whole runs against the usual public recipe, on as many images as CIFAR-10 has.

    python benchmarks/whole_run_full.py [--repeats 1] [--cores 2] [--tiny]

As `whole_run.py`, whose sizes `make bench` can afford: 50,000 images of noise (32×32, colour) with
random labels; three epochs of an MLP of 512 units, one of a wide residual network.
"""

from collections.abc import Iterator

import nullfit.system.openmp  # noqa: F401 - how threads wait

import torch

from side_by_side import Asked, Measurement, main
from whole_run import Case, compared, noise


def measure(asked: Asked) -> Iterator[Measurement]:
    """Both networks."""
    train, test = (64, 16) if asked.tiny else (50_000, 10_000)
    images = noise(train, test, torch.Generator().manual_seed(0))
    mlp = ["model=mlp", "model.hidden=[512]", "model.bias=false"]
    yield compared(Case("whole_run_full/mlp", mlp, images, 1 if asked.tiny else 3), asked)
    yield compared(Case("whole_run_full/wide_resnet", ["model=wide_resnet"], images, 1), asked)


if __name__ == "__main__":
    main(__doc__, measure, repeats=1)
