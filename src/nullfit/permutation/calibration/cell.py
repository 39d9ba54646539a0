"""The cells of a calibration: a situation, a sample size, and how networks are trained."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Len
from pydantic import AfterValidator, BaseModel, ConfigDict

from nullfit.errors import UserError
from nullfit.permutation.calibration.situations import SITUATIONS
from nullfit.ranges import NonNegative, Positive, PositiveInt

TestedNull = Literal["labels", "feature", "conditional", "conditional_linear", "nonlinearity"]


def _known(name: str) -> str:
    if name not in SITUATIONS:
        raise ValueError(f"it must be one of {', '.join(SITUATIONS)}")
    return name


class Regime(BaseModel):
    """How the networks of some cells are trained, and what is tested with them.

    One network for each data set and replicate: ReLU layers of ``hidden`` units, ``steps`` steps
    of Adam with rate ``lr`` on batches of ``batch_size``.
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
    def trainings(self) -> int:
        """Networks for one data set: the observed one and the replicates of both tested inputs."""
        replicates = self.settings.replicates
        return 1 + sum(replicates * (1 if null == "labels" else 2) for null in self.nulls)

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
