"""The settings of ``task=permutation_test``."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from nullfit.ranges import PositiveInt
from nullfit.tasks.permutation.guidance import NullName


class PermutationTestSettings(BaseModel):
    """What is tested, against what, and how often."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    statistic: Literal["squared", "share"]
    null: Literal["labels", "feature", "conditional"]
    kind: Literal["relevance", "nonlinearity"]
    replicates: PositiveInt
    samples: PositiveInt | None
    patch: PositiveInt
    max_group: PositiveInt | None

    @property
    def statistic_used(self) -> Literal["squared", "share", "variance"]:
        """Non-linearity has a statistic of its own."""
        return "variance" if self.kind == "nonlinearity" else self.statistic

    @property
    def null_used(self) -> NullName:
        """Non-linearity has a null of its own."""
        return "freedman_lane" if self.kind == "nonlinearity" else self.null
