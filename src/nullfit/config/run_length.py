"""How many epochs a training has, and what of its length counts in the identity of a run.

Length and decay of the learning rate may be left to the size of the training set. Where the size is
known beforehand they count by what they come to, so that a run is the same however it was asked
for, and those of versions that had other defaults are found again.
"""

import math
from typing import Any

# At least, where they are left open.
_EPOCHS = 100
# Training samples of the sources that never change.
_KNOWN_SAMPLES = {
    "digits": 1437,
    "mnist": 60_000,
    "fashion_mnist": 60_000,
    "cifar10": 50_000,
    "cifar100": 50_000,
    "svhn": 73_257,
}
# The defaults of 0.1.0, which stand in the identity of tasks that have no use for them.
_FORMER = {"max_epochs": 100, "stop_at_train_accuracy": None}
_PRESENT = {"max_epochs": None, "stop_at_train_accuracy": 1.0}


def most_epochs(max_epochs: int | None, min_samples: int, samples: int, batch_size: int) -> int:
    """How many epochs of so many samples there are at most.

    Where ``max_epochs`` leaves it open there are 100, as in the paper, and on a set smaller than
    the paper's as many as amount to ``min_samples``. A step counts as a whole batch.
    """
    if max_epochs is not None:
        return max_epochs
    return max(_EPOCHS, math.ceil(min_samples / max(samples, batch_size)))


def with_known_length(kept: dict[str, Any], trains: bool) -> None:
    """Put what length and decay come to in the place of how they were asked for.

    ``kept`` is the part of a plain configuration that is its identity, sections of their own.
    """
    trainer, schedule = kept.get("trainer"), kept.get("schedule")
    if not isinstance(trainer, dict) or not isinstance(schedule, dict):
        return
    samples = _known_samples(kept.get("data"))
    if not trains:
        for key, former in _FORMER.items():
            if trainer.get(key) == _PRESENT[key]:
                trainer[key] = former
    elif samples is not None and trainer.get("max_epochs") is None:
        least, batch_size = trainer["min_samples"], kept["data"]["batch_size"]
        trainer["max_epochs"] = most_epochs(None, least, samples, batch_size)
    if trainer.get("max_epochs") is not None:
        trainer.pop("min_samples", None)
    if not trains or (samples is not None and samples >= (schedule.get("samples") or 0)):
        schedule.pop("samples", None)


def _known_samples(data: Any) -> int | None:
    if not isinstance(data, dict) or data.get("val_fraction") or data.get("leave_out"):
        return None
    known, limit = _KNOWN_SAMPLES.get(str(data.get("name"))), data.get("train_limit")
    return known if known is None or limit is None else min(known, limit)
