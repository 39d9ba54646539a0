"""Types of settings with their allowed range.

They annotate the keyword-only parameters of models, corruptions, optimizers and schedules. Those
parameters *are* the settings of an option: the configuration is checked against them.
"""

from typing import Annotated

from annotated_types import Ge, Gt, Interval

Probability = Annotated[float, Interval(ge=0, le=1)]
DropoutProbability = Annotated[float, Interval(ge=0, lt=1)]
Decay = Annotated[float, Interval(ge=0, lt=1)]
Fraction = Annotated[float, Interval(ge=0, le=1)]
PositiveShare = Annotated[float, Interval(gt=0, le=1)]
ProperShare = Annotated[float, Interval(gt=0, lt=1)]
Positive = Annotated[float, Gt(0)]
NonNegative = Annotated[float, Ge(0)]
# What torch takes for a size, with room to multiply a few of them.
PositiveInt = Annotated[int, Interval(gt=0, lt=2**31)]
NonNegativeInt = Annotated[int, Interval(ge=0, lt=2**31)]
