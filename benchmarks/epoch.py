"""What the program adds to an epoch: its own training path against a bare PyTorch loop.

    python benchmarks/epoch.py [--repeats 30] [--cores 2] [--tiny]

The loop is what one writes for tensors that are in memory: batches indexed by a permutation,
forward, loss, backward, a step of torch's SGD; it measures nothing. The program trains as
``run.py`` does: a run's folder with metrics.csv and checkpoints, metrics and progress bar on. Both
train the same network on the same images, 28×28×3, with the same settings in batches of 128.

They take turns within one run: between any two epochs of the program the loop does one of its own.
An epoch of the program, from where the loop hands over to where it takes over again, is held
against the mean of the loop's epochs before and after it. A run's first and last epoch do not
count: one starts it, the other evaluates everything and belongs to the end of the run.

The MLP is measured once with nothing evaluated within the epoch, and once as by default: after it
the test set is evaluated (a fifth of the training set, as with CIFAR), and the training set is
until it is certain that it is not fitted. Inception, of which a fifth as many epochs are measured,
is compared with a loop that leaves the layout of memory as it is, and, because the program chooses
channels_last for it, also with one that does the same.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import nullfit.system.openmp  # noqa: F401 - how threads wait

import torch

from nullfit import assembly
from nullfit.data.randomized_data import RandomizedData
from nullfit.system.allocator import keep_freed_memory
from nullfit.system.ecosystem import pytorch_lightning as pl
from nullfit.training.fitting import fit
from side_by_side import Asked, Measurement, main
from synthetic import bare_epoch, config_of, synthetic

# Fewer than CIFAR's 50,000: an epoch costs in proportion, and what it costs once weighs more.
IMAGES = {"mlp_3x512": 6_400, "inception": 384}
NEVER = "trainer.evaluate_every=1000"

Loops = Mapping[str, Callable[[], None]]


class InTurns(pl.Callback):
    """Carries out the loops after each epoch, and notes how long everything took."""

    def __init__(self, loops: Loops) -> None:
        self.loops = loops
        self.seconds: dict[str, list[float]] = {name: [] for name in ("ours", *loops)}
        self._since = time.perf_counter()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Stand last of the callbacks: by now the epoch is written down."""
        self._note("ours")
        for name, loop in self.loops.items():
            loop()
            self._note(name)

    def _note(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name].append(now - self._since)
        self._since = now

    def epochs(self) -> list[float]:
        """Those of the program that count."""
        return self.seconds["ours"][1:-1]

    def around(self, name: str) -> list[float]:
        """For each of them, the mean of a loop's epochs before and after it."""
        return [(before + after) / 2 for before, after in pairwise(self.seconds[name][:-1])]


def measure(asked: Asked) -> Iterator[Measurement]:
    """Both networks."""
    keep_freed_memory()
    few = replace(asked, repeats=max(1, asked.repeats // 5))
    for name, options, rounds in (
        ("epoch/mlp_3x512", [NEVER], asked),
        ("epoch/mlp_3x512_evaluated", [], replace(asked, repeats=max(1, asked.repeats // 3))),
        ("epoch/inception", [NEVER], few),
    ):
        model = "inception" if "inception" in name else "mlp_3x512"
        data = noise(model, asked)
        loops = {"bare": bare(model, data, torch.contiguous_format)}
        if model == "inception":
            loops["same_layout"] = bare(model, data, torch.channels_last)
        turns = taken_in_turns(model, data, rounds, loops, options)
        for loop in loops:
            suffix = "" if loop == "bare" else f"_{loop}"
            yield Measurement(name + suffix, turns.epochs(), turns.around(loop))


def noise(model: str, asked: Asked) -> RandomizedData:
    """So many images that an epoch takes half a second or more."""
    count = 8 if asked.tiny else IMAGES[model]
    return synthetic(count, count // 5)


def bare(model: str, data: RandomizedData, layout: torch.memory_format) -> Callable[[], None]:
    """An epoch of the loop, with the network of the run and torch's SGD as it comes."""
    config = config_of(f"model={model}")
    network = assembly.network(config, data.input_shape, len(data.classes))
    network.to(memory_format=layout)  # type: ignore[call-overload]
    optimizer = torch.optim.SGD(network.parameters(), **config.optimizer.settings)
    return lambda: bare_epoch(network, optimizer, data.train)


def taken_in_turns(
    model: str, data: RandomizedData, asked: Asked, loops: Loops, options: list[str]
) -> InTurns:
    """A run of so many epochs, and the loops between them."""
    config = config_of(f"model={model}", f"trainer.max_epochs={asked.repeats + 2}", *options)
    network = assembly.network(config, data.input_shape, len(data.classes))
    training = assembly.training(config, network, data)
    turns = InTurns(loops)
    with tempfile.TemporaryDirectory() as folder, on_a_terminal():
        fit(replace(training, folder=Path(folder)), watchers=[turns])
    return turns


@contextmanager
def on_a_terminal() -> Iterator[None]:
    """The progress bar is drawn as on a terminal, and goes nowhere."""
    with (
        Path(os.devnull).open("w") as nowhere,
        redirect_stderr(nowhere),
        mock.patch.dict(os.environ, TTY_COMPATIBLE="1"),
    ):
        yield


if __name__ == "__main__":
    main(__doc__, measure, repeats=30)
