"""What the server of `tests.commands` imports before it forks.

Python's collector neither looks through it while it loads nor ever again, in no fork.
"""

import atexit
import gc
import os
import sys
from importlib import import_module

from nullfit.system.garbage import uncollected

# The server, too, writes down what it compiles, for its forks and the next `pytest`.
sys.dont_write_bytecode = False

_MODULES = (
    "wandb.apis.public",  # before torch, as `system.import_order` says
    *("tests.commands", "nullfit.cli", "nullfit.runs.training", "nullfit.runs.preflight.look"),
    *("nullfit.tasks.train.task", "nullfit.tasks.table", "nullfit.report.build"),
    *("nullfit.fused.launch", "nullfit.results.database", "matplotlib.backends.backend_pdf"),
    *("nullfit.config.hydra_settings", "nullfit.runs.job", "nullfit.runs.preflight.grid"),
    *("nullfit.tasks.report", "nullfit.tasks.train.section"),
)

with uncollected():
    for _module in _MODULES:
        import_module(_module)
    # What Hydra and its grammar make at their first use is then there, too.
    import_module("tests.composition").compose_once()
gc.freeze()
atexit.register(os._exit, 0)  # the server has nothing to end, and DuckDB would list what is frozen
