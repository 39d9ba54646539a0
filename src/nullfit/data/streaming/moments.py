"""What corruptions may know of the original training images."""

import math
from dataclasses import replace
from functools import partial

import torch
from jaxtyping import Int64
from torch import Tensor

from nullfit.console.progress import track
from nullfit.corruptions.corruption import Origin
from nullfit.data.streaming.lazy_images import LazyImages


def measured_origin(images: LazyImages, labels: Int64[Tensor, " n"], classes: int) -> Origin:
    """The origin for these clean training images, by one pass over them.

    Bytes are counted by their value, which is exact: the result is the same in any portions.
    """
    if images.source.dtype != torch.uint8:
        return replace(Origin.of(images.in_memory(), labels), classes=classes)

    portions = images.portions()
    found = images.over(partial(_count, images), portions)
    counts = torch.stack(list(track(found, len(portions), "Measuring images"))).sum(0).tolist()
    values = torch.arange(256).to(torch.float32).div_(255).tolist()
    samples = sum(counts)
    mean = math.fsum(n * v for n, v in zip(counts, values, strict=True)) / samples
    squares = (n * (v - mean) ** 2 for n, v in zip(counts, values, strict=True))
    return Origin(classes, mean, math.sqrt(math.fsum(squares) / samples))


def _count(images: LazyImages, chosen: Tensor) -> Int64[Tensor, "256"]:
    return torch.bincount(images.original(chosen).flatten(), minlength=256)
