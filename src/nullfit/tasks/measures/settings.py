"""What ``task=measures`` measures, and how closely."""

from typing import Annotated

from annotated_types import Gt, Lt
from pydantic import BaseModel, ConfigDict

from nullfit.config.texts import HomePath
from nullfit.ranges import NonNegativeInt, Positive, PositiveInt


class MeasuresSettings(BaseModel):
    """The run or study, and on how much the measures rest that draw or iterate; 0: left out."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    run: HomePath | None
    samples: PositiveInt | None
    draws: NonNegativeInt
    cost: Annotated[float, Gt(0), Lt(1)]
    rho: Positive
    ascent_steps: NonNegativeInt
    iterations: NonNegativeInt
