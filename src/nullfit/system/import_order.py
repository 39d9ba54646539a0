"""W&B before torch, since the other way round takes five times as long."""

import importlib
import sys
from contextlib import suppress

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
