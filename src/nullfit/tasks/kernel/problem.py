"""A problem (K + λI)A = Y, with what it takes to solve it known beforehand."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float32, Float64
from torch import Tensor

from nullfit.features.features import Features
from nullfit.features.raw import Raw
from nullfit.tasks.kernel.kernel_function import Kernel, Linear, ProductKernel, make_kernel
from nullfit.tasks.kernel.need import Need, Seconds
from nullfit.tasks.kernel.rates import Rates

Images = Float32[Tensor, "_ c h w"]
_SAMPLE = 256  # images that γ and the speed are measured on


@dataclass(frozen=True)
class Problem:
    """Training images with their targets, images to predict for, and the kernel.

    ``need`` and ``seconds`` are what can be told, and refused, before `interpolate` is called.
    """

    kernel: Kernel
    features: Features
    train: Images
    targets: Float64[Tensor, "n k"]
    others: Sequence[Images]
    ridge: float
    dtype: torch.dtype
    device: torch.device
    need: Need
    seconds: Seconds

    @classmethod
    def planned(
        cls,
        name: str,
        gamma: float | None,
        features: Features,
        train: Images,
        targets: Float64[Tensor, "n k"],
        others: Sequence[Images],
        *,
        ridge: float,
        dtype: torch.dtype,
        device: torch.device,
    ) -> "Problem":
        """Choose γ where it is null and the form of the equations; estimate what they cost."""
        few = train[:: max(1, len(train) // _SAMPLE)][:_SAMPLE]
        start = time.perf_counter()
        sample = features.whole(few, device)
        per_image = (time.perf_counter() - start) / len(few)
        kernel = make_kernel(name, gamma, sample)
        held_out = sum(map(len, others))
        classes = targets.shape[1]
        need = need_of(kernel, features, len(train), held_out, classes, dtype, device)
        seconds = need.seconds(Rates.measured(kernel, sample, per_image, dtype, len(train)))
        return cls(
            kernel, features, train, targets.to(device), others, ridge, dtype, device, need, seconds
        )


def need_of(
    kernel: Kernel,
    features: Features,
    samples: int,
    held_out: int,
    classes: int,
    dtype: torch.dtype,
    device: torch.device,
) -> Need:
    """What it takes to solve a problem of this size; known before its images are there."""
    return Need.least(
        linear=isinstance(kernel, Linear),
        can_accumulate=isinstance(kernel, ProductKernel) and features.parts > 1,
        samples=samples,
        held_out=held_out,
        dimensions=features.dimensions,
        part_width=features.width,
        classes=classes,
        itemsize=dtype.itemsize,
        features_are_images=isinstance(features, Raw) and device.type == "cpu",
    )
