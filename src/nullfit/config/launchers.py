"""The settings of nullfit's own launchers, which Hydra hands over unchecked."""

from omegaconf import DictConfig, OmegaConf
from pydantic import ValidationError

from nullfit.config.messages import complaint
from nullfit.config.schema import Section
from nullfit.errors import UserError
from nullfit.ranges import PositiveInt


class FusedSettings(Section):
    """Of ``hydra/launcher=fused``."""

    max_group: PositiveInt | None


class JoblibSettings(Section):
    """Of ``hydra/launcher=joblib``."""

    n_jobs: PositiveInt | None


_SETTINGS: dict[str, type[Section]] = {
    "hydra_plugins.nullfit_fused.FusedLauncher": FusedSettings,
    "hydra_plugins.nullfit_joblib.JoblibLauncher": JoblibSettings,
}


def check_launcher(config: DictConfig) -> None:
    """See that the chosen launcher can do with its settings.

    Raises:
        UserError: it cannot.
    """
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
