"""From the words of a command line to one composed configuration."""

from collections.abc import Sequence

from hydra import compose
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from nullfit.config.composer import CONFIG_NAME
from nullfit.config.diagnosis import diagnosis
from nullfit.config.overrides import parse, refuse_nameless
from nullfit.config.several_probes import apart


def compose_run(overrides: Sequence[str]) -> DictConfig:
    """One configuration, Hydra's own part included.

    Raises:
        UserError: a group, an option or a key does not exist, or an override cannot be read.
    """
    given = parse(overrides)
    refuse_nameless(given)
    words = [word for override in given for word in apart(override)]
    try:
        return compose(CONFIG_NAME, words, return_hydra_config=True)
    except (HydraException, OmegaConfBaseException, KeyError, ValueError) as error:
        raise diagnosis(parse(words), error) from error
