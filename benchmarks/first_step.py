"""``run.py``, which also writes when its first optimizer step was done.

The time goes to the file ``NULLFIT_FIRST_STEP``, by the system's monotonic clock. Nothing is
imported for it earlier than the program would.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

HOOKED = "torch.optim.optimizer"


class AfterImport(importlib.abc.MetaPathFinder):
    """Finds the module as usual, and asks torch to tell of steps once it is loaded."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != HOOKED:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.loader is not None
        load = spec.loader.exec_module

        def load_and_hook(module: ModuleType) -> None:
            load(module)
            hook(module)

        spec.loader.exec_module = load_and_hook  # type: ignore[method-assign]
        return spec


def hook(optimizers: Any) -> None:
    """Ask torch's module of optimizers to tell of steps."""
    handle = optimizers.register_optimizer_step_post_hook(lambda *_: stepped(handle))


def stepped(handle: Any) -> None:
    """Note the time of the first step, and of no other."""
    now = time.monotonic()
    handle.remove()
    Path(os.environ["NULLFIT_FIRST_STEP"]).write_text(str(now), encoding="utf-8")


if HOOKED in sys.modules:  # in a fork of a process that has torch
    hook(sys.modules[HOOKED])
else:
    sys.meta_path.insert(0, AfterImport())
sys.path.insert(0, str(Path(__file__).parents[1]))

from run import main  # noqa: E402

if __name__ == "__main__":
    main()
