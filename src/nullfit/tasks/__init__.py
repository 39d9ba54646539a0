"""What a run can do. Each task is one function from a validated configuration to a result.

A task takes the configuration and the run's folder; its keyword-only parameters are its own
settings at the top level of the configuration.
"""

from nullfit.tasks.curves import curves
from nullfit.tasks.evaluate import evaluate
from nullfit.tasks.show import show
from nullfit.tasks.summary import summary
from nullfit.tasks.table import table
from nullfit.tasks.train import train

__all__ = ["curves", "evaluate", "show", "summary", "table", "train"]
