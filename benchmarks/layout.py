"""Whether convolutional networks are faster with channels last in memory, as the program chooses.

    python benchmarks/layout.py [--repeats 5] [--cores 2] [--tiny]

A step of the bare loop on the same network, either way. `trainer.memory_format=auto` goes by this
table and not by the clock of the run, which would make equal runs differ in their last bits.
"""

from collections.abc import Iterator

import nullfit.system.openmp  # noqa: F401 - how threads wait

import torch

from nullfit import assembly
from nullfit.system.allocator import keep_freed_memory
from side_by_side import Asked, Measurement, Way, compare, main, timed
from synthetic import BATCH, bare_epoch, config_of, synthetic

SIDES = {"inception": 28, "alexnet": 28, "wide_resnet": 32, "lenet": 32}


def measure(asked: Asked) -> Iterator[Measurement]:
    """One line for each network."""
    keep_freed_memory()
    for model, side in SIDES.items():
        ours, theirs = (
            step(model, side, 8 if asked.tiny else BATCH, layout)
            for layout in (torch.channels_last, torch.contiguous_format)
        )
        yield compare(f"layout/{model}", ours, theirs, asked)


def step(model: str, side: int, images: int, layout: torch.memory_format) -> Way:
    """One step of training."""
    config, data = config_of(f"model={model}"), synthetic(images, 1, side)
    network = assembly.network(config, data.input_shape, len(data.classes))
    network.to(memory_format=layout)  # type: ignore[call-overload]
    optimizer = assembly.optimizer(config)(network.parameters())
    return timed(lambda: bare_epoch(network, optimizer, data.train))


if __name__ == "__main__":
    main(__doc__, measure, repeats=5)
