"""Weights & Biases' library, which sees nothing of the folder that a command happens to run in."""

import os
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType

from nullfit.console.messages import warn

# What W&B would obey, and add to every run's settings.
_OF_THE_FOLDER = ("wandb/settings", ".wandb/settings", "config-defaults.yaml")


@contextmanager
def client() -> Iterator[ModuleType]:
    """The library, to begin a run with or to ask the server. Paths in it are to be absolute.

    W&B takes its server, proxies and files to send from ``wandb/settings`` in the working folder,
    which a stranger may have filled. Here they come from the environment and the home folder only.
    """
    import wandb  # noqa: PLC0415

    _say_what_is_left(Path.cwd())
    with chdir(os.sep):
        wandb.setup()  # reads its settings, the first time
        yield wandb


@cache
def _say_what_is_left(folder: Path) -> None:
    if os.environ.get("WANDB_DIR"):
        warn("WANDB_DIR is not used: records of Weights & Biases lie in the folders of their runs.")
    for name in _OF_THE_FOLDER:
        if os.path.lexists(folder / name):
            warn(
                f"{name} in this folder is not read: settings of Weights & Biases come from its "
                "variables (WANDB_BASE_URL, …) and your home folder."
            )
