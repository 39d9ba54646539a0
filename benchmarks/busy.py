"""How much longer training takes where others compute too: a step beside as many busy processes as
there are cores, against the same step without them.

    python benchmarks/busy.py [--repeats 10] [--cores 2] [--tiny]

With two threads and two other processes on two cores each thread has half a core, so that twice the
time is what sharing costs. What comes on top is waiting: for threads that have no core just now, by
others that turn in a loop on one (`nullfit.openmp`). The network computes as the program has it,
with its layout and its number of threads. The others are halted, not ended, while they are not
wanted; a figure is the mean of half a second or more of steps.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import nullfit.openmp  # noqa: F401 - how threads wait

import torch
from torch.nn import functional

from nullfit import assembly
from nullfit.allocator import keep_freed_memory
from nullfit.training.execution import Execution
from side_by_side import Asked, Measurement, Way, compare, main
from synthetic import config_of

SECONDS = 0.5
# Shape of the images, and how many make a batch.
CASES = {
    "mlp_3x512": ((3, 28, 28), 128),
    "lenet": ((1, 28, 28), 128),
    "inception": ((3, 28, 28), 16),
}


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
    """One line for each network."""
    keep_freed_memory()
    with others(asked.cores) as company:
        for model, (shape, batch) in CASES.items():
            threads, quiet = steps(model, shape, 2 if asked.tiny else batch, asked)
            note = f"batches of {batch}, {threads} thread{'s' * (threads != 1)}"
            yield compare(f"busy/{model}", company.beside(quiet), quiet, asked, note=note)


def steps(model: str, shape: tuple[int, int, int], batch: int, asked: Asked) -> tuple[int, Way]:
    """How many threads a step takes, and the way to the mean seconds of one."""
    config = config_of(f"model={model}")
    network = assembly.network(config, shape, 10)
    execution = Execution.of(network, shape, batch, config.trainer)
    optimizer = assembly.optimizer(config)(network.parameters())
    images = torch.randn(batch, *shape).to(memory_format=execution.layout)
    labels = torch.randint(10, (batch,))

    def way() -> float:
        done, began = 0, time.perf_counter()
        with execution.applied(network, config.trainer):
            while not done or (time.perf_counter() - began < SECONDS and not asked.tiny):
                optimizer.zero_grad(set_to_none=True)
                functional.cross_entropy(network(images), labels).backward()
                optimizer.step()
                done += 1
        return (time.perf_counter() - began) / done

    return execution.threads, way


if __name__ == "__main__":
    main(__doc__, measure, repeats=10)
