"""Training a network on randomized data, and measuring it."""

from nullfit.config.schema import TrainerConfig
from nullfit.training.evaluation import Evaluation, confusion_matrix, evaluate
from nullfit.training.fit import Fit, fit

__all__ = ["Evaluation", "Fit", "TrainerConfig", "confusion_matrix", "evaluate", "fit"]
