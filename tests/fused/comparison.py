"""Trained together and alone, and compared."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
import torch

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.fused.pool import Pool
from nullfit.fused.together import Ended, fit_together
from nullfit.training.fitting import fit
from nullfit.training.training import Training

Make = Callable[[RunConfig], Training]


def training(config: RunConfig) -> Training:
    data = assembly.randomized_data(config)
    network = assembly.network(config, data.input_shape, len(data.classes))
    return assembly.training(config, network, data)


def together(configs: Sequence[RunConfig], most: int = 64, make: Make = training) -> list[Ended]:
    trainings = [replace(make(config), title=str(n)) for n, config in enumerate(configs)]
    pool = Pool(torch.device("cpu"), torch.float64)
    ended = {int(e.training.title): e for e in fit_together(trainings, most, pool)}
    return [ended[n] for n in range(len(configs))]


def assert_the_same(configs: Sequence[RunConfig], most: int = 64, make: Make = training) -> None:
    """All configurations are of double precision."""
    for config, ended in zip(configs, together(configs, most, make), strict=True):
        alone = make(config)
        outcome = fit(alone)
        own = alone.network.state_dict()
        for name, values in ended.training.network.state_dict().items():
            torch.testing.assert_close(values, own[name], rtol=0, atol=1e-9)
        assert ended.outcome.status == outcome.status
        assert ended.outcome.epochs == outcome.epochs
        assert ended.outcome.steps == outcome.steps == len(ended.step_losses)
        assert ended.outcome.epochs_to_fit == outcome.epochs_to_fit
        for name, array in outcome.arrays.items():
            assert (ended.outcome.arrays[name] == array).all(), name
        for row, expected in zip(ended.outcome.rows, outcome.rows, strict=True):
            rest = {
                name: value
                for name, value in row.items()
                if name not in ("seconds", "epoch_seconds")
            }
            assert rest == pytest.approx({name: expected[name] for name in rest}, abs=1e-9)
