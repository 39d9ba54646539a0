"""Work on the batches of a set, in this process or in others."""

import atexit
import multiprocessing
import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar
from weakref import WeakSet

import torch
from jaxtyping import Int64
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from nullfit.errors import UserError
from nullfit.system.allocator import return_freed_memory
from nullfit.system.interruption import SIGNALS

Made = TypeVar("Made")
Indices = Int64[Tensor, " _"]


def over_batches(
    work: Callable[[Indices], Made], batches: Sequence[Indices], workers: int
) -> Iterator[Made]:
    """``work`` of each batch of indices, in their order, done by so many processes ahead of time.

    Without workers, and for a single batch, this process does it when it is asked to.
    """
    if not workers or len(batches) == 1:
        yield from map(work, batches)
        return
    try:
        with _unheard(), warnings.catch_warnings():
            # It is the user's choice, and on a single core not ours to call slow.
            warnings.filterwarnings("ignore", message="This DataLoader will create")
            loader = DataLoader(
                _Work(work, batches),
                batch_size=None,
                num_workers=min(workers, len(batches)),
                collate_fn=_as_it_is,
                worker_init_fn=_begin,
                # Without one of its own it would draw from the generator that dropout draws from.
                generator=torch.Generator(),
            )
            others = multiprocessing.active_children()
            ahead = iter(loader)
            _started.update(set(multiprocessing.active_children()).difference(others))
        for left in range(len(batches) - 1, -1, -1):
            made = next(ahead)
            if isinstance(made, UserError):
                del ahead  # ends the workers now, not when whoever keeps the error lets it go
                raise made
            if not left:  # ends the workers: whoever knows the number of batches asks for no more
                del ahead
            yield made
    except RuntimeError as error:
        if "DataLoader worker" not in str(error):
            raise
        raise UserError(
            f"A process that reads images died ({str(error).splitlines()[0]}).\n"
            "It may lack memory, or shared memory (/dev/shm): try data.workers=0."
        ) from error


# Since no signal stops them, Python's end, which only asks, would wait for those that are left by
# an error in the middle of a set.
_started: WeakSet[BaseProcess] = WeakSet()


@atexit.register
def _end_those_left() -> None:
    # torch's handler would raise at the first that ends, and leave the others.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for worker in list(_started):
        if worker.is_alive():
            worker.kill()


class _Work(Dataset[Any], Generic[Made]):
    def __init__(self, work: Callable[[Indices], Made], batches: Sequence[Indices]) -> None:
        self.work = work
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> Made | UserError:
        try:
            return self.work(self.batches[index])
        except UserError as error:  # raised in the worker it would come with the worker's traceback
            return error


def _as_it_is(made: Made) -> Made:
    return made


@contextmanager
def _unheard() -> Iterator[None]:
    """Signals wait, in processes that are started within it until they let them through."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(_worker: int) -> None:
    return_freed_memory()
    # Whoever stops the run means the process that trains, though Slurm and terminals tell all of
    # its group. It ends its workers itself, and when it is gone they notice.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
