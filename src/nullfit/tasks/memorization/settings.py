"""The settings of ``task=memorization``."""

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Lt, MinLen
from pydantic import BaseModel, ConfigDict

from nullfit.ranges import PositiveInt

Order = Literal["source", "tfds"]
MEMORIZED = 0.25  # from this score on, as Feldman and Zhang (2020) count
Share = Annotated[float, Gt(0), Lt(1)]


class MemorizationSettings(BaseModel):
    """How many networks are trained on subsets of which share, and what is told of them."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    trainings: Annotated[int, Ge(2)]
    share: Share | Annotated[list[Share], MinLen(1)]
    batches: Literal["auto", "own", "shared"]
    influence: Annotated[float, Gt(0), Lt(1)]
    max_group: PositiveInt | None
    compare: str | None
    compare_order: Order
    rankings: str | None

    @property
    def shares(self) -> tuple[float, ...]:
        """One share or several."""
        return tuple(self.share) if isinstance(self.share, list) else (self.share,)
