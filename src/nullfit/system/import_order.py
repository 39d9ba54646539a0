"""When and where libraries are imported, where that matters."""

import importlib
import os
import sys
from contextlib import chdir, suppress

from nullfit.system.garbage import uncollected


def import_wandb_before_torch() -> None:
    """Import W&B now, unless torch is loaded already.

    ``wandb.init`` imports the API's data models, and pydantic looks for the source of each of their
    classes among all modules that are loaded, of which torch and Lightning bring thousands.
    """
    if "torch" in sys.modules:
        return
    with suppress(ImportError), uncollected():  # whoever records will say what is wrong
        importlib.import_module("wandb.apis.public")


def import_matplotlib_elsewhere() -> None:
    """Where a ``matplotlibrc`` lies in the working folder, import Matplotlib in another one.

    It reads that file before any other, and a stranger may have put it there.
    """
    if os.path.lexists("matplotlibrc"):
        with chdir(os.sep):
            import matplotlib  # noqa: F401, PLC0415
