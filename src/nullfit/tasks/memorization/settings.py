"""The settings of ``task=memorization``."""

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Lt
from pydantic import BaseModel, ConfigDict, field_validator

from nullfit.ranges import PositiveInt

Order = Literal["source", "tfds"]
Share = Annotated[float, Gt(0), Lt(1)]


class MemorizationSettings(BaseModel):
    """How many networks are trained on subsets of which share, and what is told of them."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    trainings: Annotated[int, Ge(2)]
    share: Share | list[Share]
    batches: Literal["auto", "own", "shared"]
    influence: Annotated[float, Gt(0), Lt(1)]
    max_group: PositiveInt | None
    compare: str | None
    compare_order: Order
    rankings: str | None

    @field_validator("share")
    @classmethod
    def _several(cls, share: float | list[float]) -> float | list[float]:
        if isinstance(share, list) and (not share or len(set(share)) < len(share)):
            raise ValueError("give one share or several different ones")
        return share

    @property
    def shares(self) -> tuple[float, ...]:
        """One share or several."""
        return tuple(self.share) if isinstance(self.share, list) else (self.share,)
