"""The settings of ``task=clean``."""

from typing import Annotated

from annotated_types import Gt, Lt
from pydantic import BaseModel, ConfigDict

from nullfit.config.texts import HomePath
from nullfit.ranges import PositiveInt


class CleanSettings(BaseModel):
    """Whose suspects are listed, by which score, and how many."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    run: HomePath | None
    score: str | None
    share: Annotated[float, Gt(0), Lt(1)] | None
    count: PositiveInt | None
