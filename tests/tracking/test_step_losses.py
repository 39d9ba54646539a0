from typing import Any
from unittest.mock import Mock

import pytest
import torch

from nullfit.system.ecosystem import pytorch_lightning as pl
from nullfit.tracking import step_losses
from nullfit.tracking.step_losses import StepLosses, evenly_spaced


@pytest.mark.parametrize(("length", "count"), [(10, 10), (10, 3), (7, 1), (5, 0), (1000, 37)])
def test_evenly_spaced(length: int, count: int) -> None:
    places = evenly_spaced(length, count)
    assert len(set(places)) == count
    assert not places or places[-1] == length - 1
    gaps = {after - before for before, after in zip([-1, *places], places, strict=False)}
    assert not gaps or max(gaps) - min(gaps) <= 1


class Clock:
    """Training steps take 1 ms and logging takes 0.2 ms."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now


def _epochs(budget: float, epochs: int, steps: int, monkeypatch: Any) -> tuple[list[Any], Clock]:
    clock = Clock()
    monkeypatch.setattr(step_losses, "time", clock)
    logged = []

    def log(row: Any) -> None:
        logged.append(row)
        clock.now += 2e-4

    callback = StepLosses(log, "loss", budget)
    for epoch in range(epochs):
        trainer, module = Mock(spec=pl.Trainer), Mock(spec=pl.LightningModule)
        trainer.global_step = epoch * steps
        callback.on_train_epoch_start(trainer, module)
        for batch in range(steps):
            trainer.global_step += 1
            clock.now += 1e-3
            loss = {"loss": torch.tensor(float(trainer.global_step))}
            callback.on_train_batch_end(trainer, module, loss, None, batch)
        callback.on_train_epoch_end(trainer, module)
    return logged, clock


@pytest.mark.parametrize("budget", [0.0, 0.01, 0.1])
def test_logging_keeps_to_its_share_of_the_time(budget: float, monkeypatch: Any) -> None:
    logged, clock = _epochs(budget, epochs=20, steps=500, monkeypatch=monkeypatch)
    training = 20 * 500 * 1e-3
    spent = clock.now - training
    assert spent <= budget * training * 1.01
    assert len(logged) >= 0.8 * budget * training / 2e-4
    assert all(row["loss"] == row["step"] for row in logged)


def test_small_epochs_save_up(monkeypatch: Any) -> None:
    """An epoch of 5 ms may spend 0.05 ms, a quarter of what one loss takes."""
    logged, _ = _epochs(0.01, epochs=100, steps=5, monkeypatch=monkeypatch)
    assert len(logged) == pytest.approx(25, abs=2)


def test_generous_budget_logs_every_step(monkeypatch: Any) -> None:
    logged, _ = _epochs(1000.0, epochs=2, steps=2500, monkeypatch=monkeypatch)
    assert [row["step"] for row in logged] == list(range(1, 5001))
    assert [row["loss"] for row in logged] == list(range(1, 5001))
