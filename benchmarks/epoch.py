"""What the program adds to an epoch: its own training path against a bare PyTorch loop.

    python benchmarks/epoch.py [--repeats 4] [--cores 2] [--tiny]

The loop is what one writes for tensors that are in memory: batches indexed by a permutation,
forward, loss, backward, a step of torch's SGD; it measures nothing. The program trains as
``run.py`` does: a run's folder with metrics.csv and checkpoints, metrics and progress bar on. Both
train the same network on the same images, 28×28×3, with the same settings in batches of 128. A
run's first and last epoch do not count: one starts it, the other evaluates everything and belongs
to the end of the run.

The MLP is measured once with nothing evaluated within the epoch, and once as by default: after it
the test set is evaluated (a fifth of the training set, as with CIFAR), and the training set is
until it is certain that it is not fitted. Its epochs are short, and the machine's moods are larger
than the difference: it has three times as many rounds.

Inception is compared with a loop that leaves the layout of memory as it is, and, because the
program chooses channels_last for it, also with one that does the same.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import replace
from pathlib import Path
from unittest import mock

import torch

from nullfit import assembly
from nullfit.data.randomized_data import RandomizedData
from nullfit.training.fit import fit
from side_by_side import Asked, Measurement, Way, in_turns, main, timed
from synthetic import bare_epoch, config_of, synthetic

# Fewer than CIFAR's 50,000: an epoch costs in proportion, and what it costs once weighs more.
IMAGES = {"mlp_3x512": 12_800, "inception": 384}
NEVER = "trainer.evaluate_every=1000"


def measure(asked: Asked) -> Iterator[Measurement]:
    """Both networks, all their ways in turns."""
    data = noise("mlp_3x512", asked)
    ways = {
        "bare": bare("mlp_3x512", data, torch.contiguous_format),
        "epoch/mlp_3x512": program("mlp_3x512", data, NEVER),
        "epoch/mlp_3x512_evaluated": program("mlp_3x512", data),
    }
    more = asked if asked.tiny else replace(asked, repeats=3 * asked.repeats)
    found = in_turns("epoch of mlp_3x512", ways, more)
    for name in list(ways)[1:]:
        yield Measurement(name, found[name], found["bare"])
    data = noise("inception", asked)
    ways = {
        "bare": bare("inception", data, torch.contiguous_format),
        "same_layout": bare("inception", data, torch.channels_last),
        "ours": program("inception", data, NEVER),
    }
    found = in_turns("epoch of inception", ways, asked)
    yield Measurement("epoch/inception", found["ours"], found["bare"])
    yield Measurement("epoch/inception_same_layout", found["ours"], found["same_layout"])


def noise(model: str, asked: Asked) -> RandomizedData:
    """So many images that an epoch takes a second or more."""
    count = 32 if asked.tiny else IMAGES[model]
    return synthetic(count, count // 5)


def bare(model: str, data: RandomizedData, layout: torch.memory_format) -> Way:
    """An epoch of the loop, with the network of the first run and torch's SGD as it comes."""
    config = config_of(f"model={model}")
    network = assembly.network(config, data.input_shape, len(data.classes))
    network.to(memory_format=layout)  # type: ignore[call-overload]
    optimizer = torch.optim.SGD(network.parameters(), **config.optimizer.settings)
    return timed(lambda: bare_epoch(network, optimizer, data.train))


def program(model: str, data: RandomizedData, *overrides: str) -> Way:
    """The epoch in the middle of a run of three."""
    config = config_of(f"model={model}", "trainer.max_epochs=3", *overrides)

    def way() -> float:
        network = assembly.network(config, data.input_shape, len(data.classes))
        training = assembly.training(config, network, data)
        with tempfile.TemporaryDirectory() as folder, on_a_terminal():
            rows = fit(replace(training, folder=Path(folder))).rows
        return float(rows[1]["seconds"] - rows[0]["seconds"])

    return way


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
    main(__doc__, measure, repeats=4)
