"""Many networks of one architecture trained at once, their weights stacked along a first axis."""

from nullfit.fused.gradients import Loss, gradients
from nullfit.fused.optimizers import StackedOptimizer, stacked_optimizer
from nullfit.fused.stack import Stack

__all__ = ["Loss", "Stack", "StackedOptimizer", "gradients", "stacked_optimizer"]
