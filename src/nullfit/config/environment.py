"""What of the environment a configuration may read: settings are written down, keys are not."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from nullfit.errors import UserError

# No secrets: where data lie, and Weights & Biases' own words for what logger.… says.
READABLE = frozenset({"NULLFIT_DATA", "WANDB_ENTITY", "WANDB_MODE", "WANDB_PROJECT"})
_REFERENCE = re.compile(r"\$\{\s*oc\.env\s*:\s*([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True)
class Variables:
    """The resolver ``${oc.env:NAME,default}``, for a few variables and those in ``named``.

    It goes to other processes with Hydra's state.
    """

    named: frozenset[str] = frozenset()

    def __call__(self, name: str, *default: Any) -> Any:
        """The variable's value as text, or the default; an empty variable is as one not set.

        Raises:
            UserError: it may not be read, or is not set and has no default.
        """
        if name not in READABLE | self.named:
            raise UserError(
                f"a configuration file may not read the environment variable {name}, only "
                f"{', '.join(sorted(READABLE))}: settings are written down. "
                "Give the setting on the command line instead."
            )
        if value := os.environ.get(name):
            return value
        if not default:
            raise UserError(f"the environment variable {name} is not set.")
        return default[0] if default[0] is None else str(default[0])


def read_variables(words: Iterable[str] = ()) -> None:
    """Let configurations read a few variables, and those that ``words`` refer to.

    ``words`` are the user's own overrides: ``data.root='${oc.env:SCRATCH}'``.
    """
    named = {name for word in words for name in _REFERENCE.findall(word)}
    OmegaConf.register_new_resolver("oc.env", Variables(frozenset(named)), replace=True)


def first_line_of(error: OmegaConfBaseException) -> str:
    """What is wrong with a reference, in a line."""
    cause = error.__cause__
    text = str(cause) if isinstance(cause, UserError) else str(error).strip().splitlines()[0]
    return text.rstrip(".")
