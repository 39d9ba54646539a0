"""Which activations of a network count as those after a layer, and how they are got."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from nullfit.data.randomized_data import Split
from nullfit.errors import UserError
from nullfit.training.evaluation import images_of, logits_of

INPUT, OUTPUT = "input", "softmax"
# What holds others and computes nothing of its own: its children are looked at.
_OPENED = (nn.Sequential.forward, nn.Module.forward)


def layers_with_weights(network: nn.Module) -> dict[str, nn.Module]:
    """The layers and blocks that a network is a row of, by their dotted names.

    A layer is a module whose weights are more than one for each channel, which leaves out
    normalizations; a block is one that has such layers in it, such as a residual or an Inception
    block, and it counts as a whole. Lists of modules (``nn.Sequential``) are looked into, and so is
    a block that is the whole network.
    """
    found = dict(_below(network, ""))
    while len(found) == 1 and any(next(iter(found.values())).children()):
        ((name, block),) = found.items()
        inner = dict(_below(block, f"{name}."))
        if not inner:
            break
        found = inner
    return found


def _below(module: nn.Module, prefix: str) -> Iterator[tuple[str, nn.Module]]:
    for name, child in module.named_children():
        if type(child).forward in _OPENED:
            yield from _below(child, f"{prefix}{name}.")
        elif _has_weights(child):
            yield f"{prefix}{name}", child


def _has_weights(module: nn.Module) -> bool:
    own = (part for part in module.modules() if not isinstance(part, nn.LayerNorm))
    return any(p.ndim > 1 for part in own for p in part.parameters(recurse=False))


@dataclass(frozen=True)
class Activations:
    """Of n samples after each layer, flattened, with the logits.

    ``layers`` begins with the input as the network is given it; then comes what each layer or
    block but the first is given, which is what stands after the one before it (nonlinearity and
    pooling included); the last is the softmax output in double precision.
    """

    names: tuple[str, ...]
    layers: list[Float[Tensor, "n _"]]
    logits: Float[Tensor, "n classes"]

    @classmethod
    def joined(cls, parts: "list[Activations]") -> "Activations":
        """Those of several batches."""
        layers = [torch.cat(of) for of in zip(*(part.layers for part in parts), strict=True)]
        return cls(parts[0].names, layers, torch.cat([part.logits for part in parts]))

    @property
    def values(self) -> int:
        """How many numbers a sample has in all layers."""
        return sum(layer.shape[1] for layer in self.layers)


@dataclass
class _Heard:
    """What the layers of a network were given in one pass, in the order of the calls."""

    given: list[tuple[str, Tensor]] = field(default_factory=list)

    def hears(self, name: str) -> Callable[[nn.Module, tuple[object, ...]], None]:
        """A hook that keeps what a layer of this name is given."""

        def before(_: nn.Module, given: tuple[object, ...]) -> None:
            first = given[0] if given else None
            if isinstance(first, Tensor):
                # A copy, since what follows may compute in place.
                self.given.append((name, first.detach().clone()))

        return before


def batches_of(
    network: nn.Module, split: Split, samples: Int64[Tensor, " m"], size: int
) -> Iterator[tuple[Int64[Tensor, " b"], Activations]]:
    """The activations of neighbouring samples of a split, a batch at a time, with their places.

    Raises:
        UserError: a layer is not given one activation for each sample.
    """
    chosen = samples.split(size)
    with listening(network) as heard:
        for own, images in zip(chosen, images_of(split.pixels, chosen), strict=True):
            heard.given.clear()
            logits = logits_of(network, images, split.prepare, own)
            yield own, _activations(heard.given, logits)


@contextmanager
def listening(network: nn.Module) -> Iterator[_Heard]:
    """Within it the network is in evaluation mode, and what its layers are given is heard."""
    heard, was_training = _Heard(), network.training
    parts = {INPUT: network, **layers_with_weights(network)}
    hooks = [part.register_forward_pre_hook(heard.hears(name)) for name, part in parts.items()]
    network.eval()
    try:
        with torch.no_grad():
            yield heard
    finally:
        network.train(was_training)
        for hook in hooks:
            hook.remove()


def _activations(given: list[tuple[str, Tensor]], logits: Tensor) -> Activations:
    (_, images), *rest = given
    names = [name for name, _ in rest]
    between = [tensor for _, tensor in rest[1:]]
    for name, tensor in zip(names, between, strict=False):
        if len(tensor) != len(logits):
            raise UserError(
                f"task=prediction_depth: what stands after layer {name} is not one activation for "
                f"each sample ({tuple(tensor.shape)} for {len(logits)}). Choose another model."
            )
    layers = [images, *between, logits.double().softmax(1)]
    return Activations(
        (INPUT, *names[: len(between)], OUTPUT), [of.flatten(1) for of in layers], logits
    )
