"""Which features, and the settings of each kind."""

from typing import Annotated, Literal

from annotated_types import Len
from jaxtyping import Float32
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from nullfit.features.features import Features
from nullfit.features.gabor import Gabor
from nullfit.features.random_conv import RandomConv
from nullfit.features.raw import Raw
from nullfit.ranges import NonNegative, Positive, PositiveInt


class FeatureSettings(BaseModel):
    """The part of a task's settings that says what an image becomes before anything is solved."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    features: Literal["raw", "gabor", "random_conv"]
    wavelengths: Annotated[list[Positive], Len(1)]
    orientations: PositiveInt
    cells: PositiveInt
    filters: PositiveInt
    patch: PositiveInt
    threshold: NonNegative
    pool: PositiveInt

    def fit(self, train_images: Float32[Tensor, "n c h w"], seed: int) -> Features:
        """The chosen features for such images.

        Only random_conv looks at the images and at the seed: its filters are patches of them.

        Raises:
            UserError: the images are too small for random_conv's patches and pooling.
        """
        if self.features == "gabor":
            size = min(train_images.shape[-2:])
            return Gabor.make(self.wavelengths, self.orientations, self.cells, size)
        if self.features == "random_conv":
            return RandomConv.make(
                train_images,
                seed,
                filters=self.filters,
                patch=self.patch,
                threshold=self.threshold,
                pool=self.pool,
            )
        return Raw(train_images.shape[1:].numel())

    def described(self) -> dict[str, object]:
        """The chosen kind and the settings that matter for it."""
        of_kind = {
            "raw": (),
            "gabor": ("wavelengths", "orientations", "cells"),
            "random_conv": ("filters", "patch", "threshold", "pool"),
        }[self.features]
        return {"features": self.features, **{name: getattr(self, name) for name in of_kind}}
