"""The cells of a calibration: a situation, a sample size, and how networks are trained."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Len
from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from nullfit.errors import UserError
from nullfit.ranges import NonNegative, Positive, PositiveInt
from nullfit.tasks.permutation.calibration.situation import TESTED
from nullfit.tasks.permutation.calibration.situations import SITUATIONS

TestedNull = Literal["labels", "feature", "conditional", "conditional_linear", "nonlinearity"]


def _known(name: str) -> str:
    if name not in SITUATIONS:
        raise ValueError(f"it must be one of {', '.join(SITUATIONS)}")
    return name


class Regime(BaseModel):
    """How the networks of some cells are trained, and what is tested with them.

    One network for each data set and replicate: ReLU layers of ``hidden`` units, ``steps`` steps
    of Adam with rate ``lr`` on batches of ``batch_size``. With ``family`` all inputs are tested
    together, none of which is active, and each adjustment for that is counted.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    situations: Annotated[list[Annotated[str, AfterValidator(_known)]], Len(1)]
    samples: Annotated[list[Annotated[int, Ge(20)]], Len(1)]
    weight_decay: Annotated[list[NonNegative], Len(1)]
    nulls: Annotated[list[TestedNull], Len(1)]
    replicates: Annotated[int, Ge(19)]  # fewer can never reject at 0.05
    hidden: Annotated[list[PositiveInt], Len(1)]
    steps: PositiveInt
    lr: Positive
    batch_size: PositiveInt
    family: bool = False

    @model_validator(mode="after")
    def _can_fail(self) -> "Regime":
        """A family in which something is active, or nothing can be rejected, tells nothing."""
        own = [SITUATIONS[name] for name in self.situations] if self.family else []
        if any(any(situation.active) for situation in own):
            idle = [name for name, situation in SITUATIONS.items() if not any(situation.active)]
            raise ValueError(f"with family=true situations must be among {', '.join(idle)}")
        needed = 20 * max((situation.inputs for situation in own), default=0) - 1
        if self.replicates < needed:
            raise ValueError(
                f"with family=true replicates must be at least {needed}, 20 for each input less "
                "one: with fewer Holm's adjustment leaves nothing below 0.05"
            )
        return self


class CalibrationSettings(BaseModel):
    """How many data sets each cell has, and the regimes by name."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    data_sets: PositiveInt
    regimes: dict[str, Regime | None]


@dataclass(frozen=True, eq=False)
class Cell:
    """One row of the design; ``regime`` is a name."""

    situation: str
    samples: int
    regime: str
    weight_decay: float
    settings: Regime

    @property
    def name(self) -> str:
        """A file name that tells the cell."""
        return f"{self.situation}-n{self.samples}-{self.regime}-decay{self.weight_decay:g}"

    @property
    def nulls(self) -> list[TestedNull]:
        """Those of the regime; nothing is tested for curvature that cannot be curved."""
        straight = SITUATIONS[self.situation].straight
        return [n for n in self.settings.nulls if not (straight and n == "nonlinearity")]

    @property
    def tested(self) -> tuple[int, ...]:
        """The inputs that are tested: two of them each by itself, or all as a family."""
        if self.settings.family:
            return tuple(range(SITUATIONS[self.situation].inputs))
        return TESTED

    @property
    def trainings(self) -> int:
        """Networks for one data set: the observed one and the replicates of the tested inputs."""
        each = {null: 1 if null == "labels" else len(self.tested) for null in self.nulls}
        return 1 + self.settings.replicates * sum(each.values())

    @property
    def cost(self) -> float:
        """Samples seen in training, up to a constant: what its time goes with."""
        regime = self.settings
        seen = regime.steps * min(regime.batch_size, self.samples) + 2 * self.samples
        return float(self.trainings * seen * (16 + sum(regime.hidden)))


def cells_of(settings: CalibrationSettings) -> list[Cell]:
    """All cells, the quick ones first.

    Raises:
        UserError: every regime is null.
    """
    cells = sorted(_cells(settings), key=lambda cell: cell.cost)
    if not cells:
        raise UserError(
            "permutation_calibration.regimes are all null: nothing is left to calibrate. Keep one."
        )
    return cells


def _cells(settings: CalibrationSettings) -> Iterator[Cell]:
    for name, regime in settings.regimes.items():
        if regime is None:
            continue
        for situation in regime.situations:
            for samples in regime.samples:
                for decay in regime.weight_decay:
                    yield Cell(situation, samples, name, float(decay), regime)
