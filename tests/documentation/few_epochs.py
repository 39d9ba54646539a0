"""A script whose trainings end after a few epochs: ``few_epochs.py EPOCHS SCRIPT words…``."""

import runpy
import sys

from nullfit.config.schema import TrainerConfig

as_told = TrainerConfig.epochs


def at_most(trainer: TrainerConfig, samples: int, batch_size: int) -> int:
    """As many epochs as the settings say, but no more than are wanted here."""
    return min(MOST, as_told(trainer, samples, batch_size))


if __name__ == "__main__":
    MOST = int(sys.argv[1])
    TrainerConfig.epochs = at_most  # type: ignore[method-assign]
    del sys.argv[:2]
    runpy.run_path(sys.argv[0], run_name="__main__")
