"""Input gradients of ``cnn_15x15``: the closed form, backward passes, and a chain rule by pixel.

The third spells the chain rule out for one pixel after the other, in NumPy, as one would write it
down: for each hidden unit that sees the pixel and is active, the kernel's weight times the unit's
weight in the predicted class. All three are checked against each other, then timed in turn, on one
network, so that what slows the machine down slows all of them; the ratio of each pass is taken
before the median.

    python benchmarks/input_gradients.py [--repeats 5] [--cores 2] [--tiny]
"""

from collections.abc import Callable, Iterator

import nullfit.system.openmp  # noqa: F401 - how threads wait

import numpy as np
import torch

from nullfit.fused import Stack
from nullfit.models.cnn_15x15 import CNN15x15
from nullfit.tasks.permutation.chain import chain_of
from nullfit.tasks.permutation.input_gradients import backward_moments, closed_form_moments
from nullfit.tasks.permutation.piecewise_linear import PiecewiseLinear
from nullfit.tasks.permutation.training_sets import TrainingSets
from side_by_side import Asked, Measurement, Way, in_turns, main, timed

SHAPE = (1, 28, 28)
SIDE, KERNEL, MAP = 28, 15, 14


def measure(asked: Asked) -> Iterator[Measurement]:
    """The three ways, checked against each other; per sample, since the slowest does few."""
    networks, samples, few = (2, 64, 1) if asked.tiny else (8, 16384, 2)
    stack, inputs = _networks(networks), torch.rand(samples, *SHAPE)
    chain = chain_of(stack.network(0), SHAPE)
    assert chain is not None

    def sets(samples: int) -> TrainingSets:
        targets = torch.zeros(networks, samples, dtype=torch.int64)
        return TrainingSets(inputs[:samples], targets)

    def closed() -> torch.Tensor:
        form = PiecewiseLinear(stack, chain, SHAPE)
        return closed_form_moments(form, networks, sets(samples), _ignore).square[0]

    def backward() -> torch.Tensor:
        return backward_moments(stack, sets(samples), _ignore).square[0]

    def by_pixel() -> np.ndarray:
        network = stack.network(0)
        return np.stack([gradient_by_pixel(network, x) for x in inputs[:few]])

    _check(by_pixel(), backward_moments(stack, sets(few), _ignore).square[0])
    _check(backward().numpy()[None] ** 0.5, closed())
    work = networks * samples
    ways = {
        "closed": per_sample(closed, work),
        "backward": per_sample(backward, work),
        "by_pixel": per_sample(by_pixel, few),
    }
    figures = in_turns("input_gradients", ways, asked)
    for name in ("backward", "by_pixel"):
        yield Measurement(f"input_gradients/{name}", figures["closed"], figures[name])


def per_sample(compute: Callable[[], object], samples: int) -> Way:
    """The seconds that a sample takes."""
    way = timed(compute)
    return lambda: way() / samples


def gradient_by_pixel(network: CNN15x15, image: torch.Tensor) -> np.ndarray:
    """The derivative of the predicted class's logit with respect to each pixel of one image."""
    kernels = network.features[0].weight.detach().numpy()[:, 0]
    shifts = network.features[0].bias.detach().numpy()
    head = network.head.weight.detach().numpy()
    pixels = image[0].numpy()
    maps = np.zeros((len(kernels), MAP, MAP))
    for channel, kernel in enumerate(kernels):
        for row in range(MAP):
            for column in range(MAP):
                window = pixels[row : row + KERNEL, column : column + KERNEL]
                maps[channel, row, column] = (window * kernel).sum() + shifts[channel]
    logits = head @ np.maximum(maps, 0).ravel() + network.head.bias.detach().numpy()
    weights = head[int(logits.argmax())].reshape(maps.shape)
    found = np.zeros((SIDE, SIDE))
    for y in range(SIDE):
        for x in range(SIDE):
            for channel, kernel in enumerate(kernels):
                for row in range(max(0, y - KERNEL + 1), min(MAP, y + 1)):
                    for column in range(max(0, x - KERNEL + 1), min(MAP, x + 1)):
                        if maps[channel, row, column] > 0:
                            weight = weights[channel, row, column]
                            found[y, x] += weight * kernel[y - row, x - column]
    return found.ravel()


def _networks(count: int) -> Stack:
    networks = []
    for seed in range(count):
        torch.manual_seed(seed)
        networks.append(CNN15x15(SHAPE, 10))
    return Stack.of(networks)


def _check(gradients: np.ndarray, square: torch.Tensor) -> None:
    np.testing.assert_allclose((gradients**2).mean(0), square.numpy(), rtol=1e-4, atol=1e-9)


def _ignore(samples: int) -> None:
    """No progress is shown."""


if __name__ == "__main__":
    main(__doc__, measure, repeats=5)
