"""What of Hydra's own settings may be changed.

A configuration from a stranger may set them, too; some of them call functions, change the
environment of processes, or write files anywhere.
"""

from collections.abc import Iterator
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from nullfit.errors import UserError

_LAUNCHERS = ("hydra._internal.core_plugins.basic_launcher.BasicLauncher", "hydra_plugins.nullfit_")
_SWEEPERS = ("hydra._internal.core_plugins.basic_sweeper.BasicSweeper", "hydra_plugins.nullfit_")
_LOG_HANDLERS = ("logging.StreamHandler", "logging.NullHandler")
# nullfit's folders follow from outputs, study and job alone.
_FIXED = {
    "run.dir": "${outputs}/${study}/${job}",
    "sweep.dir": "${outputs}/${study}",
    "sweep.subdir": "${job}",
    "output_subdir": None,
    "job.chdir": False,
}
_EMPTY = ("callbacks", "job.env_set", "job.env_copy")


def check_hydra(config: DictConfig) -> None:
    """See that Hydra's part of a composed configuration only chooses launcher, sweeper and grid.

    Raises:
        UserError: it does more.
    """
    hydra: Any = OmegaConf.to_container(config.hydra, resolve=False)
    for key, allowed in (("launcher", _LAUNCHERS), ("sweeper", _SWEEPERS)):
        target = str(_at(hydra, f"{key}._target_"))
        if not target.startswith(allowed):
            raise UserError(f"hydra.{key}._target_={target} is not allowed: choose hydra/{key}=….")
    for key, value in _FIXED.items():
        given = _at(hydra, key)
        if given != value and not (key == "run.dir" and _is_own_folder(given, config)):
            raise UserError(
                f"hydra.{key}={given} is not allowed: runs write to <outputs>/<study>/<job>.\n"
                "Set outputs=… or study=… instead."
            )
    for key in _EMPTY:
        if given := _at(hydra, key):
            raise UserError(f"hydra.{key}={given} is not allowed: leave it empty.")
    for key in ("job_logging", "hydra_logging"):
        _check_logging(key, hydra.get(key))
    _check_resolvable(config)


def _is_own_folder(given: Any, config: DictConfig) -> bool:
    """Whether it is where the run writes anyway: Lightning says it to the processes of ddp."""
    return bool(given == f"{config.outputs}/{config.study}/{config.job}")


def _at(hydra: Any, key: str) -> Any:
    for part in key.split("."):
        hydra = hydra.get(part) if isinstance(hydra, dict) else None
    return hydra


def _check_logging(key: str, settings: Any) -> None:
    """Logging's configuration can name any function to be called, and files to be written."""
    for name, value in _pairs(settings):
        if name == "class" and value not in _LOG_HANDLERS:
            raise UserError(
                f"hydra.{key}: a handler of the class {value} is not allowed, only "
                f"{' and '.join(_LOG_HANDLERS)}: hydra/{key}=none or stdout."
            )
        if name in ("()", ".") or (isinstance(value, str) and value.startswith("ext://")):
            if value in ("ext://sys.stdout", "ext://sys.stderr"):
                continue
            raise UserError(f"hydra.{key}: {name}: {value} is not allowed: it would run code.")


def _pairs(settings: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(settings, dict):
        for name, value in settings.items():
            yield str(name), value
            yield from _pairs(value)
    elif isinstance(settings, list):
        for value in settings:
            yield "", value
            yield from _pairs(value)


def _check_resolvable(config: DictConfig) -> None:
    try:
        OmegaConf.to_container(config.hydra.launcher, resolve=True)
        OmegaConf.to_container(config.hydra.sweeper, resolve=True)
    except OmegaConfBaseException as error:
        raise UserError(f"hydra: {str(error).strip().splitlines()[0]}.") from error
