"""W&B before torch, since the other way round takes five times as long."""

import importlib
import sys
from contextlib import suppress

from nullfit.config.schema import RunConfig, WandbLogger
from nullfit.garbage import uncollected

# Tasks that only read what others wrote.
_WITHOUT_RECORD = {"query", "report", "scoreboard", "show", "summary", "table"}


def import_wandb_before_torch(config: RunConfig) -> None:
    """Import W&B now if a run will record with it and torch is not loaded yet.

    ``wandb.init`` imports the API's data models, and pydantic looks for the source of each of their
    classes among all modules that are loaded, of which torch and Lightning bring thousands.
    """
    records = isinstance(config.logger, WandbLogger) and config.logger.mode != "disabled"
    if "torch" in sys.modules or not records or config.task.name in _WITHOUT_RECORD:
        return
    with suppress(ImportError), uncollected():  # whoever records will say what is wrong
        importlib.import_module("wandb.apis.public")
