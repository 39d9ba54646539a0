"""Randomization tests for neural networks.

Train the same network on true data and on data whose labels or pixels were destroyed, and
compare: what it fits of the destroyed data it memorizes, what it reaches on untouched test data
beyond that is what generalizes (Zhang et al. 2017, arXiv 1611.03530).
"""

import sys

from nullfit.system.openmp import wait_briefly

__version__ = "0.1.0"

if sys.platform == "win32":  # before what Windows lacks is imported
    sys.exit("nullfit runs on Linux and macOS. On Windows, run it in WSL: `wsl --install`.")

wait_briefly()  # before anything can load torch
