"""The typed form of a composed configuration.

What is fixed (seed, data, trainer, …) stands here and in `nullfit.config.sections`. What depends on
the chosen option (a model's width, a corruption's probability) is declared by that option's own
signature and checked by `nullfit.config.components`.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from nullfit.config.sections.lists import NameOfLayer, NamesOfLayers
from nullfit.config.sections.loggers import CsvLogger, TensorBoardLogger, WandbLogger
from nullfit.config.sections.options import (
    CorruptionConfig,
    DataConfig,
    LossConfig,
    ModelConfig,
    ProbeConfig,
    ScheduleConfig,
    TaskConfig,
)
from nullfit.config.sections.regularizers import RegularizerConfig
from nullfit.config.sections.section import Component, Section
from nullfit.config.sections.trainer import TrainerConfig
from nullfit.config.texts import FolderName, HomePath, StudyName
from nullfit.ranges import NonNegativeInt

Seed = Annotated[int, Field(ge=0, lt=2**63)]


class StartConfig(Section):
    """The weights that a training begins with; of its own initialization where ``run`` is null."""

    run: Annotated[HomePath, StringConstraints(min_length=1)] | None = None
    layers: NamesOfLayers | None = None
    epoch: NonNegativeInt | None = None
    rewind: Annotated[dict[NameOfLayer, NonNegativeInt], Field(min_length=1)] | None = None


class SeedsConfig(Section):
    """Parts of the randomness that another seed decides than ``seed``: null leaves it to that."""

    corruption: Seed | None = None
    initialization: Seed | None = None
    order: Seed | None = None

    @property
    def given(self) -> dict[str, int]:
        """Those that are given, by name."""
        return {name: seed for name, seed in self if seed is not None}


class RunConfig(BaseModel):
    """A whole validated configuration. Extra keys are the chosen task's own settings."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, allow_inf_nan=False)

    seed: Seed
    seeds: SeedsConfig = SeedsConfig()
    study: StudyName
    scale: Literal["small", "paper"] | None
    outputs: Annotated[HomePath, StringConstraints(min_length=1)]
    job: FolderName
    allow_targets: list[str]
    task: TaskConfig
    data: DataConfig
    model: ModelConfig
    corruption: CorruptionConfig
    loss: LossConfig = Field(default_factory=LossConfig.default)
    optimizer: Component
    schedule: ScheduleConfig
    regularizer: RegularizerConfig
    trainer: TrainerConfig
    probe: ProbeConfig
    probes: dict[FolderName, ProbeConfig] = {}  # of probe=[a,b]
    start: StartConfig = StartConfig()
    freeze: NamesOfLayers | None = None
    logger: Annotated[CsvLogger | WandbLogger | TensorBoardLogger, Field(discriminator="name")]

    @property
    def task_settings(self) -> dict[str, Any]:
        """The chosen task's own settings, by the names of its keyword-only parameters."""
        return dict(self.model_extra or {})

    def seed_of(self, part: Literal["corruption", "initialization", "order"]) -> int:
        """The seed that decides one part of the randomness: its own, or the one of all."""
        own: int | None = getattr(self.seeds, part)
        return self.seed if own is None else own

    @property
    def probe_sections(self) -> dict[str, ProbeConfig]:
        """What looks on while a network trains, by the section that holds its settings."""
        several = {f"probes.{name}": probe for name, probe in self.probes.items()}
        return several if self.probe.name == "none" else {"probe": self.probe, **several}

    def plain(self) -> dict[str, Any]:
        """The configuration as plain values, as config.yaml holds it."""
        plain = self.model_dump(by_alias=True)
        if not self.probes:  # as before there could be several
            del plain["probes"]
        if self.start == StartConfig():  # as before a run could begin with the weights of another
            del plain["start"]
        if self.freeze is None:
            del plain["freeze"]
        if self.loss == LossConfig.default():  # as before there was a choice
            del plain["loss"]
        return plain
