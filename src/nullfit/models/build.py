"""Make a network whose weights depend on the seed alone, and see that it takes the images."""

from collections.abc import Callable

import torch
from torch import nn

from nullfit.errors import UserError, memory_error
from nullfit.models.input_shape import as_words, output_shape
from nullfit.seeds import derive


def build(
    factory: Callable[..., nn.Module],
    input_shape: tuple[int, int, int],
    classes: int,
    seed: int,
    name: str,
) -> nn.Module:
    """``factory(input_shape, classes)`` with weights drawn from ``seed``, tried on a zero image.

    ``factory`` is a model class with its settings filled in. The global generators are left
    untouched. ``name`` stands in error messages.

    Raises:
        UserError: the model cannot take images of this shape, or gives no ``classes`` logits.
    """
    try:
        with torch.random.fork_rng(devices=[]):
            # Weights are drawn on the CPU; torch.manual_seed would reseed the GPUs as well.
            torch.default_generator.manual_seed(derive(seed, "initialization"))
            network = factory(input_shape, classes)
        shape = output_shape(network, input_shape)
    except UserError:
        raise
    except (RuntimeError, ValueError, AssertionError) as error:
        if (shown := memory_error(error)) is not error:
            raise shown from error
        reason = str(error).strip().partition("\n")[0]
        raise UserError(
            f"model {name} cannot take images of {as_words(input_shape)}: {reason}"
        ) from error
    if shape != (classes,):
        raise UserError(
            f"model {name} gives {'×'.join(map(str, shape))} values for an image of "
            f"{as_words(input_shape)}; it must give {classes} logits, one for each class."
        )
    return network


def require_fit(
    factory: Callable[..., nn.Module], input_shape: tuple[int, int, int], classes: int, name: str
) -> None:
    """See that `build` would make a network of ``factory``, without memory and time for weights.

    It is tried on torch's meta device, where tensors have shapes and no values. What cannot be
    made there, for whatever reason, is built.

    Raises:
        UserError: as `build`.
    """
    try:
        with torch.random.fork_rng(devices=[]), torch.device("meta"):
            fits = output_shape(factory(input_shape, classes), input_shape) == (classes,)
    except Exception:  # some architectures look at values; whether this is one, building tells
        fits = False
    if not fits:
        build(factory, input_shape, classes, seed=0, name=name)


def parameter_count(network: nn.Module) -> int:
    """Number of trainable values; shared ones count once."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)
