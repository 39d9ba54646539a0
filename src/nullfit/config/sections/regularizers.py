"""The sections of regularizers."""

from typing import Annotated

from pydantic import Field

from nullfit.config.sections.section import Section
from nullfit.ranges import DropoutProbability, NonNegative, Probability


class WeightDecay(Section):
    """ℓ2 penalty."""

    coefficient: NonNegative


class RandomCrop(Section):
    """Crops at random offsets while training."""

    padding: Annotated[int, Field(ge=0, le=256)]


class Augmentation(Section):
    """Mirrored and rotated images while training."""

    flip_probability: Probability
    degrees: Annotated[float, Field(ge=0, le=180)]


class Dropout(Section):
    """Takes the place of ``model.dropout``."""

    probability: DropoutProbability


class WeightNoise(Section):
    """Gaussian noise on the weights at each training step."""

    std: NonNegative


class RegularizerConfig(Section):
    """Any number of regularizers at once; what is not chosen is absent."""

    weight_decay: WeightDecay | None = None
    random_crop: RandomCrop | None = None
    augmentation: Augmentation | None = None
    dropout: Dropout | None = None
    weight_noise: WeightNoise | None = None
