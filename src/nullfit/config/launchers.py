"""The settings of nullfit's own launchers, which Hydra hands over unchecked."""

from omegaconf import DictConfig, OmegaConf
from pydantic import ValidationError

from nullfit.config.messages import complaint
from nullfit.config.schema import Section
from nullfit.errors import UserError
from nullfit.ranges import NonNegative, NonNegativeInt, Positive, PositiveInt


class FusedSettings(Section):
    """Of ``hydra/launcher=fused``."""

    max_group: PositiveInt | None


class JoblibSettings(Section):
    """Of ``hydra/launcher=joblib``."""

    n_jobs: PositiveInt | None


class SlurmSettings(Section):
    """Of ``hydra/launcher=slurm``."""

    partition: str | None
    account: str | None
    qos: str | None
    constraint: str | None
    minutes: PositiveInt
    cpus: PositiveInt
    gpus: NonNegativeInt
    memory: Positive | None
    at_once: PositiveInt
    warning: PositiveInt
    requeues: NonNegativeInt
    setup: list[str]
    options: dict[str, str | int | bool]
    poll_seconds: Positive


class RaySettings(Section):
    """Of ``hydra/launcher=ray``."""

    address: str | None
    cpus: PositiveInt
    gpus: NonNegative
    memory: Positive | None
    retries: NonNegativeInt


_SETTINGS: dict[str, type[Section]] = {
    "hydra_plugins.nullfit_fused.FusedLauncher": FusedSettings,
    "hydra_plugins.nullfit_joblib.JoblibLauncher": JoblibSettings,
    "hydra_plugins.nullfit_slurm.SlurmLauncher": SlurmSettings,
    "hydra_plugins.nullfit_ray.RayLauncher": RaySettings,
}


def runs_elsewhere(config: DictConfig) -> bool:
    """Whether the chosen launcher starts jobs on other machines than this one."""
    launcher = config.hydra.launcher
    kind = _SETTINGS.get(launcher._target_)
    return kind is SlurmSettings or (kind is RaySettings and launcher.address is not None)


def check_launcher(config: DictConfig) -> None:
    """See that the chosen launcher can do with its settings.

    Raises:
        UserError: it cannot, or a job is itself to be shared by several processes.
    """
    trainer = config.trainer
    if trainer.devices * trainer.nodes > 1 and config.hydra.launcher._target_ in _SETTINGS:
        raise UserError(
            f"trainer.devices={trainer.devices} × trainer.nodes={trainer.nodes} is impossible with "
            "a launcher that runs jobs elsewhere or together: leave hydra/launcher out, and start "
            "one such run with srun or torchrun."
        )
    chosen = OmegaConf.to_container(config.hydra.launcher, resolve=True)
    assert isinstance(chosen, dict)
    schema = _SETTINGS.get(chosen.pop("_target_"))
    if schema is None:
        return
    try:
        schema.model_validate(chosen)
    except ValidationError as error:
        problems = error.errors()[:2]
        raise UserError("\n".join(complaint(p, "hydra.launcher") for p in problems)) from error
