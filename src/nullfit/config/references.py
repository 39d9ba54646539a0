"""References in a configuration: ``${key}``, and nullfit's own e.g. ``${nullfit.by_scale:…}``."""

from typing import Any

from omegaconf import DictConfig, OmegaConf

from nullfit.config.identity import job_name
from nullfit.system.files import at_home

NAME_OF_JOB = "${nullfit.job:}"  # as conf/config.yaml has it


def resolved(config: DictConfig, *left_out: str) -> dict[str, Any]:
    """The configuration without Hydra's part, every reference in it replaced by its value.

    Raises:
        OmegaConfBaseException: a reference has no value.
    """
    return {
        str(key): OmegaConf.to_container(value, resolve=True)
        if OmegaConf.is_config(value)
        else value
        for key, value in ((key, config[key]) for key in config if key not in ("hydra", *left_out))
    }


def _job_of_root(*, _root_: DictConfig) -> str:
    return job_name(resolved(_root_, "job"))


def _by_scale(small: Any, paper: Any, *, _root_: DictConfig) -> Any:
    return paper if _root_.get("scale") == "paper" else small


def register_resolvers() -> None:
    """Make ``${nullfit.job:}`` and the others of nullfit's references known to OmegaConf."""
    OmegaConf.register_new_resolver("nullfit.job", _job_of_root, replace=True)
    OmegaConf.register_new_resolver("nullfit.by_scale", _by_scale, replace=True)
    OmegaConf.register_new_resolver("nullfit.at_home", at_home, replace=True)
