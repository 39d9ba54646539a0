"""The section of the trainer."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from nullfit.config.run_length import most_epochs
from nullfit.config.sections.lists import AS_NUMBERS, distinct
from nullfit.config.sections.section import Section
from nullfit.ranges import NonNegative, NonNegativeInt, PositiveInt


class TrainerConfig(Section):
    """How long and on what a network is trained."""

    accelerator: Literal["auto", "cpu", "gpu"]
    max_epochs: PositiveInt | None
    min_samples: PositiveInt
    stop_at_train_accuracy: Annotated[float, Field(gt=0, le=1)] | None
    fit_threshold: Annotated[float, Field(gt=0, le=1)]
    evaluate_every: PositiveInt
    evaluate_train_every: PositiveInt | None
    record_confusion: bool = False
    keep_epochs: (
        Annotated[
            list[NonNegativeInt],
            Field(min_length=1),
            AfterValidator(distinct),
            AS_NUMBERS,
        ]
        | None
    ) = None
    devices: PositiveInt
    nodes: PositiveInt
    threads: Annotated[int, Field(gt=0, le=1024)] | None
    precision: Literal["32-true", "64-true", "bf16-mixed", "16-mixed"]
    tf32: bool | None
    memory_format: Literal["auto", "contiguous", "channels_last"]
    compile: Literal["default", "reduce-overhead", "max-autotune"] | None
    deterministic: bool
    checkpoint_seconds: NonNegative
    progress: bool

    @classmethod
    def default(cls, **changes: Any) -> "TrainerConfig":
        """The defaults of conf/, with changes, for use without Hydra."""
        from omegaconf import OmegaConf

        from nullfit.config.composer import config_folder

        common: Any = OmegaConf.to_container(OmegaConf.load(config_folder() / "config.yaml"))
        device: Any = OmegaConf.to_container(OmegaConf.load(config_folder() / "trainer/auto.yaml"))
        return cls.model_validate({**common["trainer"], **device, **changes})

    def epochs(self, samples: int, batch_size: int) -> int:
        """How many epochs of so many samples there are at most."""
        return most_epochs(self.max_epochs, self.min_samples, samples, batch_size)

    @property
    def processes(self) -> int:
        """How many processes share one training."""
        return self.devices * self.nodes
