"""A problem (K + λI)A = Y, with what it takes to solve it counted beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float32, Float64
from torch import Tensor

from nullfit.features.features import Features
from nullfit.features.random_fourier import RandomFourier
from nullfit.features.raw import Raw
from nullfit.tasks.kernel.kernel_function import Kernel, Linear, ProductKernel, few_of, make_kernel
from nullfit.tasks.kernel.need import Need

Images = Float32[Tensor, "_ c h w"]


@dataclass(frozen=True)
class KernelProblem:
    """Training images with their targets, images to predict for, and the kernel.

    ``need`` is what can be said, and refused, before `interpolate` is called.
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
    ) -> "KernelProblem":
        """Choose γ where it is null and the form of the equations; count what they take."""
        kernel = make_kernel(name, gamma, features.whole(few_of(train), device))
        held_out = sum(map(len, others))
        classes = targets.shape[1]
        need = need_of(kernel, features, len(train), held_out, classes, dtype, device, ridge)
        return cls(kernel, features, train, targets.to(device), others, ridge, dtype, device, need)


def need_of(
    kernel: Kernel,
    features: Features,
    samples: int,
    held_out: int,
    classes: int,
    dtype: torch.dtype,
    device: torch.device,
    ridge: float = 0.0,
) -> Need:
    """What it takes to solve a problem of this size; known before its images are there."""
    return Need.least(
        linear=isinstance(kernel, Linear),
        of_waves=isinstance(features, RandomFourier) and not ridge,
        can_accumulate=isinstance(kernel, ProductKernel) and features.parts > 1,
        samples=samples,
        held_out=held_out,
        dimensions=features.dimensions,
        part_width=features.width,
        classes=classes,
        itemsize=dtype.itemsize,
        features_are_images=isinstance(features, Raw) and device.type == "cpu",
        features_work=features.work,
        penalized=ridge > 0,
    )
