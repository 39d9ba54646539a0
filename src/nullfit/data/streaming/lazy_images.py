"""The images of a split as a network gets them, made when they are asked for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float, Float32, Int64, UInt8
from torch import Tensor

from nullfit.corruptions.blockwise import sample_blocks
from nullfit.data.crop import center_crop
from nullfit.data.separation import ImageChange, ImageStep
from nullfit.data.sources.image_files import ImageFiles
from nullfit.data.streaming.workers import Made, over_batches
from nullfit.data.whitening import NoWhitening, Whitening

_CPU = torch.device("cpu")
# Of a pass over all samples: 4 MiB of float32 at once.
_VALUES_AT_ONCE = 2**20


@dataclass(frozen=True)
class LazyImages:
    """Crop, corruption and whitening of any samples of ``source``, whatever else is asked for.

    What becomes of sample i depends on i alone, so it is the same in every batch, in whatever
    order and process; `in_memory` makes all of it.
    """

    source: UInt8[Tensor, "n c h w"] | Float32[Tensor, "n c h w"] | ImageFiles
    crop: int | None
    steps: Sequence[ImageChange]
    whitening: Whitening
    device: torch.device = _CPU
    dtype: torch.dtype = torch.float32

    def __len__(self) -> int:
        return len(self.source)

    @property
    def shape(self) -> torch.Size:
        """Samples, channels, height, width of what is made."""
        samples, channels, height, width = self.source.shape
        if self.crop is None:
            return torch.Size((samples, channels, height, width))
        return torch.Size((samples, channels, self.crop, self.crop))

    @property
    def is_streamed(self) -> bool:
        """Whether the source is not in memory either."""
        return isinstance(self.source, ImageFiles)

    def to(self, device: torch.device, dtype: torch.dtype | None = None) -> "LazyImages":
        """The same, handed out on a device and in a type."""
        return replace(self, device=device, dtype=dtype or self.dtype)

    def selection(self, chosen: Int64[Tensor, " m"] | Bool[Tensor, " n"]) -> "LazyImages":
        """Some of the samples, by index or mask."""
        places = torch.arange(len(self))[chosen]
        held = self.source
        source = held.select(places) if isinstance(held, ImageFiles) else held[places]
        return replace(self, source=source, steps=[_of_part(step, places) for step in self.steps])

    def batches(self, indices: Sequence[Int64[Tensor, " _"]]) -> Iterator[Float[Tensor, "m c h w"]]:
        """The images of one batch of indices after the other, made ahead of time by workers."""
        for images in self.over(self.make, indices):
            yield images.to(self.device, self.dtype)

    def over(
        self, work: Callable[[Tensor], Made], indices: Sequence[Int64[Tensor, " _"]]
    ) -> Iterator[Made]:
        """`over_batches`, with as many workers as the source wants."""
        workers = self.source.workers if isinstance(self.source, ImageFiles) else 0
        return over_batches(work, indices, workers)

    def make(self, chosen: Int64[Tensor, " m"] | slice) -> Float32[Tensor, "m c h w"]:
        """The images of some samples; on the CPU, in a tensor of their own."""
        clean = self.clean(chosen)
        images = self.corrupted(clean, chosen)
        own = images is not clean or self.source.dtype == torch.uint8
        return self.whitening.apply_(images) if own else self.whitening(images)

    def original(
        self, chosen: Int64[Tensor, " m"] | slice
    ) -> UInt8[Tensor, "m c h w"] | Float32[Tensor, "m c h w"]:
        """Images in the type of the source, cropped."""
        if isinstance(self.source, Tensor):
            images = self.source[chosen]
        elif isinstance(chosen, slice):
            images = self.source.read(torch.arange(*chosen.indices(len(self))))
        else:
            images = self.source.read(chosen)
        return images if self.crop is None else center_crop(images, self.crop)

    def clean(self, chosen: Int64[Tensor, " m"] | slice) -> Float32[Tensor, "m c h w"]:
        """Images in [0, 1] before the corruption."""
        images = self.original(chosen)
        return images.to(torch.float32).div_(255) if images.dtype == torch.uint8 else images

    def corrupted(
        self, clean: Float32[Tensor, "m c h w"], chosen: Int64[Tensor, " m"] | slice
    ) -> Float32[Tensor, "m c h w"]:
        """Clean images after the corruption."""
        for step in self.steps:
            clean = step(clean, chosen)
        return clean

    def in_memory(self) -> Float32[Tensor, "n c h w"]:
        """All of them; nothing else of their size is made on the way."""
        if self.is_source:
            return self.source  # type: ignore[return-value]
        made = torch.empty(self.shape)
        for block in sample_blocks(made):
            made[block] = self.make(block)
        return made

    @property
    def is_source(self) -> bool:
        """Whether there is nothing to do."""
        whole = self.shape == self.source.shape and self.source.dtype == torch.float32
        return whole and not self.steps and isinstance(self.whitening, NoWhitening)

    def portions(self) -> list[Int64[Tensor, " _"]]:
        """All indices, in portions whose images take little memory."""
        values = max(1, self.source.shape[1:].numel())
        return list(torch.arange(len(self)).split(max(1, _VALUES_AT_ONCE // values)))


def _of_part(step: ImageChange, places: Int64[Tensor, " m"]) -> ImageChange:
    """What a step does to some of its samples, counted among these."""
    if isinstance(step, ImageStep):
        return step.part(places)
    return lambda images, chosen: step(images, places[chosen])
