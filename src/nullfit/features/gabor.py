"""``features=gabor``: local energy by orientation and wavelength, averaged over a grid of cells."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float32
from torch import Tensor
from torch.nn import functional

from nullfit.features.features import Features

# The envelope's standard deviation in wavelengths that gives a bandwidth of one octave
# (Petkov & Kruizinga 1997, "Computational models of visual neurons specialised in the detection
# of periodic and aperiodic oriented visual stimuli", section 2.1).
_SIGMA_PER_WAVELENGTH = 0.56
_REACH = 3.0  # standard deviations after which a filter is cut off
_DARK = 1e-12  # under the root, whose slope is infinite at zero


def gabor_filters(
    wavelength: float, orientations: int
) -> Float32[Tensor, "{2*orientations} 1 k k"]:
    """Pairs of an even and an odd Gabor filter for each of the orientations in [0, π).

    A plane wave under a round Gaussian envelope (Daugman 1985) that sums to 1. The even filter's
    mean is taken off, so that uniform areas give nothing.
    """
    sigma = _SIGMA_PER_WAVELENGTH * wavelength
    reach = math.ceil(_REACH * sigma)
    axis = torch.arange(-reach, reach + 1, dtype=torch.float64)
    down, right = torch.meshgrid(axis, axis, indexing="ij")
    envelope = torch.exp(-(down.square() + right.square()) / (2 * sigma**2))
    envelope /= envelope.sum()
    filters = []
    for number in range(orientations):
        angle = math.pi * number / orientations
        phase = 2 * math.pi / wavelength * (right * math.cos(angle) + down * math.sin(angle))
        even = torch.cos(phase)
        filters += [envelope * (even - (envelope * even).sum()), envelope * torch.sin(phase)]
    return torch.stack(filters)[:, None].float()


@dataclass(frozen=True)
class Gabor(Features):
    """The magnitude of Gabor responses, averaged over ``cells`` × ``cells`` parts of the image.

    Of colour images the mean of the channels is taken. The vector has wavelengths × orientations ×
    cells² numbers.
    """

    filters: tuple[Float32[Tensor, "_ 1 _ _"], ...]  # for each wavelength
    cells: int
    image_size: int

    @classmethod
    def make(
        cls, wavelengths: Sequence[float], orientations: int, cells: int, image_size: int
    ) -> "Gabor":
        """Filters for images of ``image_size`` pixels, which limits the number of cells."""
        filters = tuple(gabor_filters(length, orientations) for length in wavelengths)
        return cls(filters, min(cells, image_size), image_size)

    @property
    def width(self) -> int:
        """Wavelengths × orientations × cells²."""
        return sum(len(filters) // 2 for filters in self.filters) * self.cells**2

    @property
    def work(self) -> float:
        """Each filter against each of its places."""
        return float(self.image_size**2) * sum(filters.numel() for filters in self.filters)

    def of_block(self, images: Float32[Tensor, "n c h w"], part: int) -> Float32[Tensor, "n d"]:
        """Magnitudes, averaged cell by cell."""
        grey = images.mean(1, keepdim=True)
        energies = [self._energy(grey, filters) for filters in self.filters]
        return torch.cat([energy.flatten(1) for energy in energies], 1)

    def _energy(
        self, grey: Float32[Tensor, "n 1 h w"], filters: Float32[Tensor, "f 1 k k"]
    ) -> Float32[Tensor, "n o cells cells"]:
        responses = functional.conv2d(grey, filters.to(grey.device), padding="same")
        pairs = responses.unflatten(1, (-1, 2))
        magnitude = pairs.square().sum(2).add_(_DARK).sqrt_()
        return functional.adaptive_avg_pool2d(magnitude, self.cells)
