"""Code outside nullfit runs only if the user says so, on the command line."""

from collections.abc import Sequence

from omegaconf import DictConfig, OmegaConf

from nullfit.errors import UserError

_KEY = "allow_targets"


def refuse_unasked_trust(config: DictConfig, overrides: Sequence[str]) -> None:
    """See that ``allow_targets`` comes from the command line, not from an option's file.

    Someone who tries out the configuration of a stranger has not said that its code may run.

    Raises:
        UserError: a file sets it.
    """
    trusted = OmegaConf.select(config, _KEY, throw_on_resolution_failure=False)
    asked = any(override.partition("=")[0].lstrip("+") == _KEY for override in overrides)
    if trusted and not asked:
        raise UserError(
            f"{_KEY}={trusted} comes from a configuration file, and only you can allow code to "
            f"run.\nIf you trust those modules, add '{_KEY}={trusted}' to the command."
        )
