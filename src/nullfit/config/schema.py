"""The typed form of a composed configuration.

What is fixed (seed, data, trainer, …) stands here. What depends on the chosen option (a model's
width, a corruption's probability) is declared by that option's own signature and checked by
`nullfit.config.components`.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from nullfit.config.run_length import most_epochs
from nullfit.config.texts import FolderName, HomePath, PathText, StudyName
from nullfit.ranges import (
    DropoutProbability,
    NonNegative,
    NonNegativeInt,
    Positive,
    PositiveInt,
    PositiveShare,
    Probability,
)

Seed = Annotated[int, Field(ge=0, lt=2**63)]


class Section(BaseModel):
    """Part of the configuration: no unknown keys, no conversions, no NaN, not changeable."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class WithSettings(BaseModel):
    """A section with settings of a chosen option beside those that all options have."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, allow_inf_nan=False)

    @property
    def settings(self) -> dict[str, Any]:
        """The option's own settings, by the names of its keyword-only parameters."""
        return dict(self.model_extra or {})


class Component(WithSettings):
    """A chosen option: the function or class at ``target``, and what it is to be called with."""

    name: FolderName
    target: Annotated[str, Field(alias="_target_")]


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


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else value


def _as_names(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


# One number is a list of one.
_AS_NUMBERS = BeforeValidator(_as_list, json_schema_input_type=float | list[float])


def _distinct(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise PydanticCustomError("distinct", "it must name each one once")
    return values


def _of_two_groups(groups: list[list[int]]) -> list[list[int]]:
    if len(groups) != 2 or not all(groups):
        raise PydanticCustomError("two_groups", "it must be two lists of classes")
    _distinct([number for group in groups for number in group])
    return groups


NameOfLayer = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_0-9]+(\.[A-Za-z_0-9]+)*$")]
# Beginnings of the names of modules or weights, up to a point, e.g. hidden.1, or head.weight.
NamesOfLayers = Annotated[
    list[NameOfLayer],
    Field(min_length=1),
    AfterValidator(_distinct),
    BeforeValidator(_as_names, json_schema_input_type=NameOfLayer | list[NameOfLayer]),
]


class DataConfig(Component):
    """A data source and what is done to its images before a corruption sees them."""

    root: PathText
    download: bool
    crop: PositiveInt | None
    image_size: Annotated[int, Field(gt=0, le=8192)] | None
    whitening: Literal["per_image", "per_image_channel", "per_channel", "fixed", "none"]
    mean: Annotated[list[float], _AS_NUMBERS] | None = None
    std: Annotated[list[Positive], _AS_NUMBERS] | None = None
    batch_size: PositiveInt
    train_limit: PositiveInt | None
    test_limit: PositiveInt | None
    leave_out: HomePath | None = None
    binary: Annotated[list[list[NonNegativeInt]], AfterValidator(_of_two_groups)] | None = None
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


class StartConfig(Section):
    """The weights that a training begins with; of its own initialization where ``run`` is null."""

    run: Annotated[HomePath, StringConstraints(min_length=1)] | None = None
    layers: NamesOfLayers | None = None
    epoch: NonNegativeInt | None = None
    rewind: Annotated[dict[NameOfLayer, NonNegativeInt], Field(min_length=1)] | None = None


class RegularizerConfig(Section):
    """Any number of regularizers at once; what is not chosen is absent."""

    weight_decay: WeightDecay | None = None
    random_crop: RandomCrop | None = None
    augmentation: Augmentation | None = None
    dropout: Dropout | None = None
    weight_noise: WeightNoise | None = None


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
            AfterValidator(_distinct),
            _AS_NUMBERS,
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


class CsvLogger(Section):
    """Only metrics.csv, which every run writes."""

    name: Literal["csv"]


class TensorBoardLogger(Section):
    """TensorBoard event files in the run's folder."""

    name: Literal["tensorboard"]


def _mode_today(mode: Any) -> Any:
    """By the names that W&B's modes have today; WANDB_MODE may hold earlier ones."""
    return {"dryrun": "offline", "run": "online"}.get(mode, mode) if isinstance(mode, str) else mode


class WandbLogger(Section):
    """Weights & Biases."""

    name: Literal["wandb"]
    mode: Annotated[Literal["offline", "online", "disabled"], BeforeValidator(_mode_today)]
    project: Annotated[str, StringConstraints(min_length=1)]
    entity: str | None
    step_loss_budget: NonNegative
    patience: NonNegative
    notes: str | None = None
    artifacts: list[Literal["model", "samples"]] = Field(default_factory=list)
    alert: bool = True


class SeedsConfig(Section):
    """Parts of the randomness that another seed decides than ``seed``: null leaves it to that."""

    corruption: Seed | None = None
    initialization: Seed | None = None
    order: Seed | None = None

    @property
    def given(self) -> dict[str, int]:
        """Those that are given, by name."""
        return {name: seed for name, seed in self if seed is not None}


class ProbeConfig(WithSettings):
    """What looks on while a network trains; nothing where there is no target."""

    name: FolderName
    target: Annotated[str | None, Field(alias="_target_")] = None


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
