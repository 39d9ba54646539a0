"""Training a network on randomized data, and measuring it."""

from nullfit.config.schema import TrainerConfig
from nullfit.training.evaluation import Evaluation, confusion_matrix, evaluate
from nullfit.training.fit import fit
from nullfit.training.training import Fit, Training

__all__ = ["Evaluation", "Fit", "TrainerConfig", "Training", "confusion_matrix", "evaluate", "fit"]
