"""Randomization tests for neural networks.

Train the same network on true data and on data whose labels or pixels were destroyed, and
compare: what it fits of the destroyed data it memorizes, what it reaches on untouched test data
beyond that is what generalizes (Zhang et al. 2017, arXiv 1611.03530).
"""

import sys
from typing import TYPE_CHECKING, Any

from nullfit.system.openmp import wait_briefly

from nullfit.system.version import __version__

if TYPE_CHECKING:
    from nullfit.interactive import run, study, sweep

__all__ = ["__version__", "run", "study", "sweep"]

if sys.platform == "win32":  # before what Windows lacks is imported
    sys.exit("nullfit runs on Linux and macOS. On Windows, run it in WSL: `wsl --install`.")

wait_briefly()  # before anything can load torch


def __getattr__(name: str) -> Any:
    # Not at once: `import nullfit` is cheap, and the command line has no use for them.
    if name in ("run", "study", "sweep"):
        from nullfit import interactive  # noqa: PLC0415

        return getattr(interactive, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
