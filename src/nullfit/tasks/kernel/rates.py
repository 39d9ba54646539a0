"""How fast this machine is at what a solution consists of, measured on small blocks."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float32
from torch import Tensor

from nullfit.tasks.kernel.kernel_function import Kernel
from nullfit.tasks.kernel.packed import BLOCK

_ROWS = 2048
_NUMBERS = 2**24  # in a trial's features, at most
_READING = 1e9  # stored entries a second that are turned to double precision and multiplied
_TRIES = 3


@dataclass(frozen=True)
class Rates:
    """Per second: multiplications in matrix products, and entries of the kernel matrix.

    ``products`` and ``entries`` are in the factor's type, ``exact_…`` in double precision;
    ``reading`` is of stored entries.
    """

    products: float
    exact_products: float
    entries: float
    exact_entries: float
    seconds_per_image: float
    reading: float = _READING

    @classmethod
    def measured(
        cls,
        kernel: Kernel,
        sample: Float32[Tensor, "n d"],
        seconds_per_image: float,
        dtype: torch.dtype,
        samples: int,
    ) -> "Rates":
        """By trials of a few tenths of a second on the device of some samples' features.

        They are no larger than the problem of so many ``samples``.
        """
        rows = max(1, min(_ROWS, samples, _NUMBERS // sample.shape[1]))
        x = sample.repeat(-(-rows // len(sample)), 1)[:rows]
        y = x[:BLOCK]
        double = torch.float64

        def entries(kind: torch.dtype) -> float:
            own = y.to(kind)
            return len(x) * len(y) / _least_seconds(x.device, lambda: kernel(x.to(kind), own))

        return cls(
            _products(dtype, x.device, min(_ROWS, samples)),
            _products(double, x.device, min(_ROWS, samples)),
            entries(dtype),
            entries(double),
            seconds_per_image,
        )


def _products(dtype: torch.dtype, device: torch.device, rows: int) -> float:
    tall = torch.rand(rows, BLOCK, dtype=dtype, device=device)
    square = torch.rand(BLOCK, BLOCK, dtype=dtype, device=device)
    out = torch.zeros_like(tall)
    seconds = _least_seconds(device, lambda: out.addmm_(tall, square.T, alpha=-1))
    return rows * BLOCK**2 / seconds


def _least_seconds(device: torch.device, work: Callable[[], Any]) -> float:
    """Of a few tries, since the first one also starts things up."""
    least = float("inf")
    for _ in range(_TRIES):
        start = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize()
        least = min(least, time.perf_counter() - start)
    return max(least, 1e-9)
