import itertools
from typing import Any
from unittest.mock import Mock

import pytest
import torch

from nullfit.system.ecosystem import pytorch_lightning as pl
from nullfit.tracking.step_losses import StepLosses


def _logged(share: float, epochs: int, steps: int) -> list[Any]:
    """Rows of a training whose loss is the number of the step."""
    logged: list[Any] = []
    callback = StepLosses(logged.append, "loss", share)
    trainer, module = Mock(spec=pl.Trainer, global_step=0), Mock(spec=pl.LightningModule)
    for _ in range(epochs):
        callback.on_train_epoch_start(trainer, module)
        for batch in range(steps):
            trainer.global_step += 1
            loss = {"loss": torch.tensor(float(trainer.global_step))}
            callback.on_train_batch_end(trainer, module, loss, None, batch)
        callback.on_train_epoch_end(trainer, module)
    assert all(row["loss"] == row["step"] for row in logged)
    return [row["step"] for row in logged]


@pytest.mark.parametrize(("epochs", "steps"), [(2, 500), (20, 50), (200, 5), (1, 1000)])
def test_steps_are_spaced_across_epochs(epochs: int, steps: int) -> None:
    assert _logged(0.01, epochs, steps) == list(range(100, 1001, 100))


@pytest.mark.parametrize("share", [0.0, 0.013, 0.1, 0.3, 0.77])
def test_a_share_of_the_steps_is_logged(share: float) -> None:
    steps = _logged(share, epochs=10, steps=100)
    assert len(steps) == int(share * 1000)
    gaps = {after - before for before, after in itertools.pairwise(steps)}
    assert not gaps or max(gaps) - min(gaps) <= 1


@pytest.mark.parametrize("share", [1.0, 1000.0])
def test_every_step_is_logged(share: float) -> None:
    assert _logged(share, epochs=2, steps=250) == list(range(1, 501))
