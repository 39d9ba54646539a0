"""The settings of launchers and sweepers, which Hydra hands over unchecked.

Hydra would call whatever a ``_target_`` anywhere in them names, and Slurm run each line of a job
script. So each setting has a type, checked on the value that references come to.
"""

from typing import Annotated, Literal

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import AfterValidator, StringConstraints, ValidationError

from nullfit.config.environment import first_line_of
from nullfit.config.messages import complaint
from nullfit.config.search import OPTUNA
from nullfit.config.sections.section import Section
from nullfit.errors import UserError, shown
from nullfit.ranges import NonNegative, NonNegativeInt, Positive, PositiveInt


def _printable(text: str) -> str:
    """See that a text stays on its line.

    Raises:
        ValueError: it has a line break or another control character.
    """
    if not text.isprintable():
        raise ValueError("must have no line breaks and no control characters")
    return text


Text = Annotated[str, AfterValidator(_printable)]
OptionName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
Value = Text | int | float | bool | None  # of a setting in a grid, or several with commas
Values = Value | list[Value]


class BasicSettings(Section):
    """Of Hydra's own launcher, which has none."""


class BasicSweeperSettings(Section):
    """Of Hydra's own sweeper."""

    max_batch_size: PositiveInt | None
    params: dict[str, Values] | None


class GridsSettings(BasicSweeperSettings):
    """Of ``hydra/sweeper=grids``."""

    grids: list[dict[str, Values]] | None


class OptunaSettings(Section):
    """Of ``hydra/sweeper=optuna``."""

    params: dict[str, Values] | None
    trials: PositiveInt
    at_once: PositiveInt
    metric: Text
    direction: Literal["maximize", "minimize"]
    until: float | None
    seed: NonNegativeInt


class FusedSettings(Section):
    """Of ``hydra/launcher=fused``."""

    max_group: PositiveInt | None


class JoblibSettings(Section):
    """Of ``hydra/launcher=joblib``."""

    n_jobs: PositiveInt | None


class SlurmSettings(Section):
    """Of ``hydra/launcher=slurm``."""

    partition: Text | None
    account: Text | None
    qos: Text | None
    constraint: Text | None
    minutes: PositiveInt
    cpus: PositiveInt
    gpus: NonNegativeInt
    memory: Positive | None
    at_once: PositiveInt
    warning: PositiveInt
    requeues: NonNegativeInt
    setup: list[Text]
    options: dict[OptionName, Text | int | bool]
    poll_seconds: Positive


class RaySettings(Section):
    """Of ``hydra/launcher=ray``."""

    address: Text | None
    cpus: PositiveInt
    gpus: NonNegative
    memory: Positive | None
    retries: NonNegativeInt


LAUNCHERS: dict[str, type[Section]] = {
    "hydra._internal.core_plugins.basic_launcher.BasicLauncher": BasicSettings,
    "hydra_plugins.nullfit_fused.FusedLauncher": FusedSettings,
    "hydra_plugins.nullfit_joblib.JoblibLauncher": JoblibSettings,
    "hydra_plugins.nullfit_slurm.SlurmLauncher": SlurmSettings,
    "hydra_plugins.nullfit_ray.RayLauncher": RaySettings,
}
SWEEPERS: dict[str, type[Section]] = {
    "hydra._internal.core_plugins.basic_sweeper.BasicSweeper": BasicSweeperSettings,
    "hydra_plugins.nullfit_grids.GridsSweeper": GridsSettings,
    OPTUNA: OptunaSettings,
}


def runs_elsewhere(config: DictConfig) -> bool:
    """Whether the chosen launcher starts jobs on other machines than this one."""
    launcher = config.hydra.launcher
    kind = LAUNCHERS[launcher._target_]
    return kind is SlurmSettings or (kind is RaySettings and launcher.address is not None)


def check_launcher(config: DictConfig) -> None:
    """See that launcher and sweeper are nullfit's or Hydra's, and can do with their settings.

    Raises:
        UserError: they are not, they cannot, or a job is itself to be shared by several processes.
    """
    launcher = _checked(config, "launcher", LAUNCHERS)
    _checked(config, "sweeper", SWEEPERS)
    trainer = config.trainer
    if trainer.devices * trainer.nodes > 1 and launcher is not BasicSettings:
        raise UserError(
            f"trainer.devices={trainer.devices} × trainer.nodes={trainer.nodes} is impossible with "
            "a launcher that runs jobs elsewhere or together: leave hydra/launcher out, and start "
            "one such run with srun or torchrun."
        )


def _checked(config: DictConfig, part: str, kinds: dict[str, type[Section]]) -> type[Section]:
    """The type of the settings of a part of Hydra's, which they comply with."""
    where = f"hydra.{part}"
    node = config.hydra[part]
    # Before references are looked up, so that none stands in place of the name.
    target = OmegaConf.to_container(node, resolve=False).get("_target_")  # type: ignore[union-attr]
    if target not in kinds:
        raise UserError(f"{where}._target_={shown(target)} is not allowed: choose hydra/{part}=….")
    try:
        chosen = OmegaConf.to_container(node, resolve=True)
    except OmegaConfBaseException as error:
        raise UserError(f"hydra: {first_line_of(error)}.") from error
    assert isinstance(chosen, dict)
    del chosen["_target_"]
    if chosen.pop("_recursive_", False):
        raise UserError(f"{where}._recursive_ is not allowed: leave it out.")
    try:
        kinds[target].model_validate(chosen)
    except ValidationError as error:
        problems = error.errors()[:2]
        raise UserError("\n".join(complaint(p, where) for p in problems)) from error
    return kinds[target]
