"""One copy in memory of what many trainings have in common."""

from dataclasses import replace

import torch
from torch import Tensor

from nullfit.data.randomized_data import RandomizedData, Split

# Every so many values make up the fingerprint by which equal tensors are sought.
_STRIDE = 997


class Pool:
    """Holds the tensors of several data sets, equal ones once.

    Runs that differ in labels only have the same images: together they then take the memory of
    one, and see the same batches.
    """

    def __init__(self, device: torch.device, dtype: torch.dtype) -> None:
        self.device = device
        self.dtype = dtype
        self._known: dict[tuple[object, ...], list[Tensor]] = {}

    def share(self, data: RandomizedData) -> RandomizedData:
        """The same data on the device, made of tensors that earlier ones have where they agree."""
        return data.changed(self._split)

    def _split(self, split: Split) -> Split:
        return replace(
            split,
            pixels=self._tensor(split.images.to(self.device, self.dtype)),
            labels=self._tensor(split.labels.to(self.device)),
            true_labels=self._tensor(split.true_labels.to(self.device)),
        )

    def _tensor(self, values: Tensor) -> Tensor:
        sample = values.flatten()[::_STRIDE].double()
        key = (tuple(values.shape), values.dtype, float(sample.sum()), float(sample.square().sum()))
        alike = self._known.setdefault(key, [])
        for known in alike:
            if known is values or torch.equal(known, values):
                return known
        alike.append(values)
        return values
