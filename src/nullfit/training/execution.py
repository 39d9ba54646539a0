"""How a training is carried out where `trainer` leaves it open: layout of memory, threads.

Both decide which bits come out, so neither is timed at run time: a clock would choose otherwise
from one run to the next. They follow from the network and its batches by rules that were measured
(``benchmarks/layout.py``, ``benchmarks/busy.py``), are shown when a run begins and recorded in
its result.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from nullfit.config.sections.trainer import TrainerConfig
from nullfit.console.messages import number_of
from nullfit.models.flops import step_flops

# Floating-point operations of a step below which a second thread waits longer than it works.
_ONE_THREAD_FLOPS = 5e7
# Below these a step costs mostly what is not arithmetic, which a pass in evaluation mode is spared.
_CHEAP_EVALUATION_FLOPS = 3e7


@dataclass(frozen=True)
class Execution:
    """The layout of images and weights in memory, CPU threads, and how it is compiled, if it is."""

    memory_format: str
    threads: int
    compile: str | None = None

    @classmethod
    def of(
        cls,
        network: nn.Module,
        input_shape: tuple[int, int, int],
        batch_size: int,
        trainer: TrainerConfig,
    ) -> "Execution":
        """What `trainer` says, and where it leaves that open what was measured to be fast."""
        threads = threads_for(network, input_shape, batch_size, trainer)
        return cls(_memory_format(network, trainer), threads, trainer.compile)

    @property
    def layout(self) -> torch.memory_format:
        """The layout as torch has it."""
        last = self.memory_format == "channels_last"
        return torch.channels_last if last else torch.contiguous_format

    def __str__(self) -> str:
        """In words for people."""
        threads = number_of(self.threads, "thread")
        compiled = "" if self.compile is None else f", compiled ({self.compile})"
        return f"{threads}, {self.memory_format}{compiled}"

    @contextmanager
    def applied(self, network: nn.Module, trainer: TrainerConfig) -> Iterator[None]:
        """Within it the network is laid out so and computes so."""
        network.to(memory_format=self.layout)  # type: ignore[call-overload]
        with on_threads(self.threads, trainer), tf32(trainer.tf32):
            yield


@contextmanager
def on_threads(threads: int, trainer: TrainerConfig) -> Iterator[None]:
    """Within it torch computes on so many.

    Threads that were not asked for are given back: what follows in this process may be larger.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        if trainer.threads is None:
            torch.set_num_threads(before)


@contextmanager
def tf32(allowed: bool | None) -> Iterator[None]:
    """Within it GPUs round float32 to TF32 in products and convolutions, or in neither.

    None leaves torch's own setting, which is: in convolutions only.
    """
    products, convolutions = torch.backends.cuda.matmul, torch.backends.cudnn
    before = products.allow_tf32, convolutions.allow_tf32
    if allowed is not None:
        products.allow_tf32 = convolutions.allow_tf32 = allowed
    try:
        yield
    finally:
        products.allow_tf32, convolutions.allow_tf32 = before


def cheap_to_evaluate(
    network: nn.Module, input_shape: tuple[int, int, int], batch_size: int
) -> bool:
    """Whether evaluating the training set takes less than about a tenth of an epoch."""
    return step_flops(network, input_shape, batch_size) < _CHEAP_EVALUATION_FLOPS


def _memory_format(network: nn.Module, trainer: TrainerConfig) -> str:
    if trainer.memory_format != "auto":
        return trainer.memory_format
    convolves = any(isinstance(part, nn.Conv2d) for part in network.modules())
    return "channels_last" if convolves else "contiguous"


def threads_for(
    network: nn.Module, input_shape: tuple[int, int, int], samples: int, trainer: TrainerConfig
) -> int:
    """How many threads a step on so many samples is worth; `trainer.threads` if that is given."""
    if trainer.threads is not None:
        return trainer.threads
    most = torch.get_num_threads()
    if most == 1 or step_flops(network, input_shape, samples) < _ONE_THREAD_FLOPS:
        return 1
    return most
