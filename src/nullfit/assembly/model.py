"""The network of a run."""

from collections.abc import Callable
from functools import partial

from torch import nn

from nullfit.config.components import target_of
from nullfit.config.schema import RunConfig
from nullfit.models.build import build, require_fit
from nullfit.models.initialization import Initialization, reinitialize
from nullfit.seeds import derive


def network(
    config: RunConfig, input_shape: tuple[int, int, int], classes: int, number: int | None = None
) -> nn.Module:
    """The chosen network with initial weights that follow from the seed, and the ``number``.

    Of several networks of one run each has a number, and weights of its own.
    """
    seed = config.seed_of("initialization")
    seed = seed if number is None else derive(seed, "network", number)
    return build(_architecture(config), input_shape, classes, seed, config.model.name)


def require_network(config: RunConfig, input_shape: tuple[int, int, int], classes: int) -> None:
    """See that `network` would make one, without making its weights.

    Raises:
        UserError: the chosen model cannot take such images.
    """
    require_fit(_architecture(config), input_shape, classes, config.model.name)


def _architecture(config: RunConfig) -> Callable[..., nn.Module]:
    settings = config.model.settings
    if config.regularizer.dropout is not None:
        settings["dropout"] = config.regularizer.dropout.probability
    factory = partial(target_of(config, "model"), **settings)
    kind = config.model.initialization
    return factory if kind is None else partial(_reinitialized, factory, kind)


def _reinitialized(
    factory: Callable[..., nn.Module],
    kind: Initialization,
    input_shape: tuple[int, int, int],
    classes: int,
) -> nn.Module:
    made = factory(input_shape, classes)
    reinitialize(made, kind)
    return made
