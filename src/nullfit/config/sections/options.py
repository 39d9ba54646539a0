"""The sections of groups of which a run chooses an option."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from nullfit.config.sections.lists import AS_NUMBERS, of_two_groups
from nullfit.config.sections.section import Component, Section, WithSettings
from nullfit.config.texts import FolderName, HomePath, PathText
from nullfit.ranges import NonNegativeInt, Positive, PositiveInt, PositiveShare


class LossConfig(Component):
    """What is minimized."""

    @classmethod
    def default(cls) -> "LossConfig":
        """What was minimized before there was a choice."""
        return cls.model_validate(
            {
                "name": "cross_entropy",
                "_target_": "nullfit.losses.cross_entropy",
                "label_smoothing": 0.0,
            }
        )


class TaskConfig(Section):
    """What the run does. ``uses`` are the groups that name its jobs; absent: all three."""

    name: FolderName
    target: Annotated[str, Field(alias="_target_")]
    uses: list[Literal["model", "data", "corruption"]] | None = None


class DataConfig(Component):
    """A data source and what is done to its images before a corruption sees them."""

    root: PathText
    download: bool
    crop: PositiveInt | None
    image_size: Annotated[int, Field(gt=0, le=8192)] | None
    whitening: Literal["per_image", "per_image_channel", "per_channel", "fixed", "none"]
    mean: Annotated[list[float], AS_NUMBERS] | None = None
    std: Annotated[list[Positive], AS_NUMBERS] | None = None
    batch_size: PositiveInt
    train_limit: PositiveInt | None
    test_limit: PositiveInt | None
    leave_out: HomePath | None = None
    binary: Annotated[list[list[NonNegativeInt]], AfterValidator(of_two_groups)] | None = None
    val_fraction: Annotated[float, Field(ge=0, lt=1)]
    test_corruptions: Annotated[list[Any], Field(min_length=1, max_length=100)] | None = None
    cache: HomePath | None


class ModelConfig(Component):
    """A network. ``learning_rate`` is SGD's rate for it unless ``optimizer.lr`` is given.

    ``initialization`` takes the place of its own initial weights.
    """

    learning_rate: Positive | None = None
    initialization: Literal["pytorch", "glorot", "he_fan_out"] | None = None


class ScheduleConfig(Component):
    """A learning-rate schedule, and how the rate rises before it begins."""

    warmup_epochs: PositiveInt | None = None
    warmup_factor: PositiveShare | None = None


class CorruptionConfig(Component):
    """A corruption, the splits it applies to, and whether it is drawn anew each epoch."""

    apply_to: Literal["train", "test", "both"] | None = None
    fresh: bool = False


class ProbeConfig(WithSettings):
    """What looks on while a network trains; nothing where there is no target."""

    name: FolderName
    target: Annotated[str | None, Field(alias="_target_")] = None
