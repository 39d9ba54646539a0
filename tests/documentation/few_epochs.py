"""Trainings that end after a few epochs, for what does not depend on how far they came.

    few_epochs.py EPOCHS SCRIPT words…

No word of a command changes by it, nor the name of a run.
"""

import runpy
import sys

from nullfit.config.sections.trainer import TrainerConfig

as_told = TrainerConfig.epochs


def train_at_most(most: int) -> None:
    """In this process, train for as many epochs as the settings say, but no more than ``most``."""

    def epochs(trainer: TrainerConfig, samples: int, batch_size: int) -> int:
        return min(most, as_told(trainer, samples, batch_size))

    TrainerConfig.epochs = epochs  # type: ignore[method-assign]


if __name__ == "__main__":
    train_at_most(int(sys.argv[1]))
    del sys.argv[:2]
    runpy.run_path(sys.argv[0], run_name="__main__")
