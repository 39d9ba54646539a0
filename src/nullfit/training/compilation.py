"""Compiling what a network computes in a step of training, where `trainer.compile` asks for it."""

import os
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

Compute = Callable[[Tensor], Tensor]

# What torch.compile hands its graphs to. Any other than this one needs no tools.
INDUCTOR = "inductor"
backend: Any = INDUCTOR


def missing_tool(device: torch.device) -> str | None:
    """What torch needs to compile for this device and does not find; None if there is nothing."""
    if backend != INDUCTOR:
        return None
    on_gpu = device.type == "cuda"
    if on_gpu and find_spec("triton") is None:
        return "the package triton"
    usual = ["gcc", "clang"] if on_gpu else ["clang++" if sys.platform == "darwin" else "g++"]
    own = os.environ.get("CC" if on_gpu else "CXX")
    names = [own] if own else usual
    if not any(shutil.which(name) for name in names):
        return f"a {'C' if on_gpu else 'C++'} compiler ({' or '.join(names)})"
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        return "Python's header files (Python.h, often a package python3-dev)"
    return None


@contextmanager
def compiled(network: nn.Module, mode: str | None) -> Iterator[Compute]:
    """Within it, what computes the network's logits in a step: the network itself for None.

    The network is not changed, and whoever else calls it calls it as it is. Evaluation does: it
    has batches of other sizes, and every size is compiled for itself. One compilation for all
    sizes would not come before a smaller last batch was seen, so a resumed run would compute some
    of its steps by other code than one that nothing interrupted.
    """
    if mode is None:
        yield network.__call__
        return

    @torch.compile(mode=mode, dynamic=False, backend=backend)
    def compute(images: Tensor) -> Tensor:  # of ours: torch passes over functions of its own
        logits: Tensor = network(images)
        return logits

    def step(images: Tensor) -> Tensor:
        # What CUDA graphs gave out for the step before may be overwritten from here on.
        torch.compiler.cudagraph_mark_step_begin()
        return compute(images)

    try:
        yield step
    finally:
        # The next network of this process would count as the same one compiled again, and torch
        # gives that up after the eighth time; the memory of CUDA graphs is given back, too.
        torch.compiler.reset()
