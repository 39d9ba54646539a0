"""What ``task=pac_bayes`` bounds, and how."""

from pydantic import BaseModel, ConfigDict

from nullfit.config.texts import HomePath
from nullfit.ranges import Positive, PositiveInt, ProperShare


class PacBayesSettings(BaseModel):
    """Whose network it is, how its noise is fitted, and how sure the bound is."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    run: HomePath | None
    epochs: PositiveInt
    batch_size: PositiveInt
    learning_rate: Positive
    deviation: Positive
    samples: PositiveInt
    delta: ProperShare
    monte_carlo_delta: ProperShare
    prior_variance: Positive
    prior_density: Positive
