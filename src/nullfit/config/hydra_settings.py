"""What of Hydra's own settings may be changed.

A configuration from a stranger may set them, too; some of them call functions, change the
environment of processes, or write files anywhere.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from omegaconf import DictConfig, OmegaConf

from nullfit.config.launchers import check_launcher
from nullfit.errors import UserError, shown
from nullfit.system.files import at_home

_LOGGING = {"job_logging": ("none", "stdout", "disabled"), "hydra_logging": ("none", "disabled")}
# nullfit's folders follow from outputs, study and job alone.
_FIXED = {
    "run.dir": "${nullfit.at_home:${outputs}}/${study}/${job}",
    "sweep.dir": "${nullfit.at_home:${outputs}}/${study}",
    "sweep.subdir": "${job}",
    "output_subdir": None,
    "job.chdir": False,
}
_EMPTY = ("callbacks", "job.env_set", "job.env_copy", "searchpath")


def check_hydra(config: DictConfig) -> None:
    """See that Hydra's part of a composed configuration only chooses launcher, sweeper and grid.

    Raises:
        UserError: it does more.
    """
    # References stay as they are written: what is compared here is a text that holds none.
    hydra: Any = OmegaConf.to_container(config.hydra, resolve=False)
    for key, value in _FIXED.items():
        given = _at(hydra, key)
        if given != value and not (key == "run.dir" and _is_own_folder(given, config)):
            raise UserError(
                f"hydra.{key}={given} is not allowed: runs write to <outputs>/<study>/<job>.\n"
                "Set outputs=… or study=… instead."
            )
    for key in _EMPTY:
        if given := _at(hydra, key):
            raise UserError(f"hydra.{key}={shown(given)} is not allowed: leave it empty.")
    for key, options in _LOGGING.items():
        if hydra.get(key) not in [_as_shipped(key, option) for option in options]:
            raise UserError(
                f"hydra.{key} is not allowed to be other than Hydra's own options "
                f"({', '.join(options)}), since it could run code or write files. Leave it out."
            )
    check_launcher(config)


def _is_own_folder(given: Any, config: DictConfig) -> bool:
    """Whether it is where the run writes anyway: Lightning says it to the processes of ddp."""
    return bool(given == f"{at_home(config.outputs)}/{config.study}/{config.job}")


def _at(hydra: Any, key: str) -> Any:
    for part in key.split("."):
        hydra = hydra.get(part) if isinstance(hydra, dict) else None
    return hydra


@cache
def _as_shipped(key: str, option: str) -> Any:
    """An option of Hydra's logging, as Hydra's own package has it."""
    text = files("hydra").joinpath(f"conf/hydra/{key}/{option}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)
