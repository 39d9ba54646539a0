"""``features=random_fourier``: random waves whose scalar products approach a kernel's values."""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float32
from torch import Tensor

from nullfit.features.features import Features
from nullfit.seeds import generator

Spectrum = Literal["gaussian", "laplacian"]

_COSINE = 30.0  # multiplications that take as long


@dataclass(frozen=True)
class RandomFourier(Features):
    """√(2/count) · cos(⟨ω, x⟩ + b) for ``count`` random ω and b.

    Rahimi and Recht 2007, "Random Features for Large-Scale Kernel Machines" (NIPS), algorithm 1:
    the expected scalar product of two vectors is the kernel's value. ω is drawn from the kernel's
    Fourier transform, b uniformly from [0, 2π).
    """

    frequencies: Float32[Tensor, "pixels count"]
    phases: Float32[Tensor, " count"]
    gamma: float

    @classmethod
    def make(
        cls, pixels: int, seed: int, *, spectrum: Spectrum, gamma: float, count: int
    ) -> "RandomFourier":
        """Waves for images of so many numbers.

        ω is normal of variance 2γ for exp(−γ‖x − y‖²), Cauchy of scale γ for exp(−γ‖x − y‖₁).
        """
        random = generator(seed, "random_fourier", "frequencies")
        if spectrum == "gaussian":
            drawn = torch.randn(pixels, count, generator=random, dtype=torch.float64)
            frequencies = drawn * math.sqrt(2 * gamma)
        else:
            uniform = torch.rand(pixels, count, generator=random, dtype=torch.float64)
            frequencies = gamma * torch.tan(math.pi * (uniform - 0.5))
        turns = torch.rand(
            count, generator=generator(seed, "random_fourier", "phases"), dtype=torch.float64
        )
        return cls(frequencies.float(), (2 * math.pi * turns).float(), gamma)

    @property
    def width(self) -> int:
        """The number of waves."""
        return len(self.phases)

    @property
    def work(self) -> float:
        """A product of image and frequencies, and a cosine, for each wave."""
        return float(len(self.phases)) * (len(self.frequencies) + _COSINE)

    def of_block(self, images: Float32[Tensor, "n c h w"], part: int) -> Float32[Tensor, "n d"]:
        """The waves at a few images."""
        flat = images.flatten(1)
        angles = torch.addmm(self.phases.to(flat), flat, self.frequencies.to(flat))
        return angles.cos_().mul_(math.sqrt(2 / self.width))
