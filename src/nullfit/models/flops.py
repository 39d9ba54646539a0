"""How much arithmetic a training takes, counted and not timed: the same figure on every machine."""

from torch import nn

from nullfit.models.summary import summarize

_PASSES = 3  # forward, and twice as much backward


def step_flops(network: nn.Module, input_shape: tuple[int, int, int], samples: int) -> int:
    """Floating-point operations of a training step on so many samples.

    Those of convolutions and matrix products, which depend on the architecture alone.
    """
    forward = sum(layer.flops for layer in summarize(network, input_shape))
    return _PASSES * samples * forward
