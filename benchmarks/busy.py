"""How much longer a step takes where others compute too: beside as many busy processes as there are
cores, against the same step without them.

    python benchmarks/busy.py [--repeats 10] [--cores 2] [--tiny]
    GOMP_SPINCOUNT=300000 python benchmarks/busy.py   # as libgomp would have it by itself

With two threads and two other processes on two cores each thread has half a core, so twice the time
is what sharing costs. What comes on top is waiting: for a thread that has no core just now, by one
that turns in a loop on the core it needs (`nullfit.system.openmp`). Networks compute with the
layout and the number of threads that the program gives them. The others are halted while they are
not wanted; a figure is the mean over half a second of steps.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import nullfit.system.openmp  # noqa: F401 - how threads wait

import torch
from torch.nn import functional

from nullfit import assembly
from nullfit.fused import Stack, gradients, stacked_optimizer
from nullfit.system.allocator import keep_freed_memory
from nullfit.training.execution import Execution, on_threads, threads_for
from side_by_side import Asked, Measurement, Way, compare, main
from synthetic import BATCH, CLASSES, config_of

SECONDS = 0.5
# Of a line: the model, the shape of its images, and how many make a batch.
ALONE = {
    "busy/mlp_3x512": ("mlp_3x512", (3, 28, 28), BATCH),
    "busy/lenet": ("lenet", (1, 28, 28), BATCH),
    "busy/lenet_4": ("lenet", (1, 28, 28), 4),
    "busy/inception": ("inception", (3, 28, 28), 16),
}
MEMBERS = 16  # of the group of mlp_1x512 on digits

Step = Callable[[], object]


class Others:
    """Processes that do nothing but compute."""

    def __init__(self, count: int) -> None:
        command = [sys.executable, "-c", "while True: pass"]
        self._processes = [subprocess.Popen(command) for _ in range(count)]
        self._tell(signal.SIGSTOP)

    def beside(self, way: Way) -> Way:
        """The same way while they compute."""

        def busy() -> float:
            self._tell(signal.SIGCONT)
            try:
                return way()
            finally:
                self._tell(signal.SIGSTOP)

        return busy

    def end(self) -> None:
        """Kill them."""
        for process in self._processes:
            process.kill()
            process.wait()

    def _tell(self, number: signal.Signals) -> None:
        for process in self._processes:
            process.send_signal(number)


@contextmanager
def others(count: int) -> Iterator[Others]:
    """So many, which are gone afterwards."""
    found = Others(count)
    try:
        yield found
    finally:
        found.end()


def measure(asked: Asked) -> Iterator[Measurement]:
    """One line for each network, and one for a group."""
    keep_freed_memory()
    made = {name: alone_step(*case) for name, case in ALONE.items()}
    made["busy/fused"] = group_step()
    with others(asked.cores) as company:
        for name, (step, threads) in made.items():
            quiet = mean_seconds(step, threads, asked)
            note = "1 thread" if threads == 1 else f"{threads} threads"
            yield compare(name, company.beside(quiet), quiet, asked, note=note)


def mean_seconds(step: Step, threads: int, asked: Asked) -> Way:
    """The way to the mean seconds of a step."""
    trainer = config_of().trainer

    def way() -> float:
        done, began = 0, time.perf_counter()
        with on_threads(threads, trainer):
            while not done or (time.perf_counter() - began < SECONDS and not asked.tiny):
                step()
                done += 1
        return (time.perf_counter() - began) / done

    return way


def alone_step(model: str, shape: tuple[int, int, int], batch: int) -> tuple[Step, int]:
    """A step of one network, and the threads that it gets."""
    config = config_of(f"model={model}")
    network = assembly.network(config, shape, len(CLASSES))
    execution = Execution.of(network, shape, batch, config.trainer)
    network.to(memory_format=execution.layout)  # type: ignore[call-overload]
    optimizer = assembly.optimizer(config)(network.parameters())
    images = torch.randn(batch, *shape).to(memory_format=execution.layout)
    labels = torch.randint(len(CLASSES), (batch,))

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        functional.cross_entropy(network(images), labels).backward()
        optimizer.step()

    return step, execution.threads


def group_step() -> tuple[Step, int]:
    """The same of a group of MLPs on images of the size of digits."""
    config, shape = config_of("model=mlp_1x512"), (1, 8, 8)
    network = assembly.network(config, shape, len(CLASSES))
    stack = Stack.repeated(network, MEMBERS)
    optimizer = stacked_optimizer(stack, [assembly.optimizer(config)] * MEMBERS)
    images = torch.randn(MEMBERS, BATCH, *shape)
    labels = torch.randint(len(CLASSES), (MEMBERS, BATCH))

    def step() -> None:
        found, _, _ = gradients(stack, images, labels, functional.cross_entropy, shared=False)
        optimizer.step(found)

    return step, threads_for(network, shape, MEMBERS * BATCH, config.trainer)


if __name__ == "__main__":
    main(__doc__, measure, repeats=10)
