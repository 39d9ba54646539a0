"""Training a network on randomized data, and measuring it."""

from typing import TYPE_CHECKING, Any

from nullfit.config.sections.trainer import TrainerConfig
from nullfit.training.evaluation import Evaluation, confusion_matrix, evaluate
from nullfit.training.training import Fit, Training

if TYPE_CHECKING:
    from nullfit.training.fitting import fit

__all__ = ["Evaluation", "Fit", "TrainerConfig", "Training", "confusion_matrix", "evaluate", "fit"]


def __getattr__(name: str) -> Any:
    """Import Lightning, which takes seconds, only for those who train."""
    if name == "fit":
        from nullfit.training.fitting import fit  # noqa: PLC0415

        return fit
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
