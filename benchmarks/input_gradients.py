"""Input gradients of ``cnn_15x15``: the closed form, backward passes, and a chain rule by pixel.

The third spells the chain rule out for one pixel after the other, in NumPy, as one would write it
down: for each hidden unit that sees the pixel and is active, the kernel's weight times the unit's
weight in the predicted class. All three are checked against each other, then timed in turn, on one
network, so that what slows the machine down slows all of them; the ratio of each pass is taken
before the median.

    python benchmarks/input_gradients.py --threads 2
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from nullfit.fused import Stack
from nullfit.models.cnn_15x15 import CNN15x15
from nullfit.permutation.chain import chain_of
from nullfit.permutation.input_gradients import backward_moments, closed_form_moments
from nullfit.permutation.piecewise_linear import PiecewiseLinear
from nullfit.permutation.training_sets import TrainingSets

SHAPE = (1, 28, 28)
SIDE, KERNEL, MAP = 28, 15, 14


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--networks", type=int, default=8)
    parser.add_argument("--samples", type=int, default=16384, help="of the other two")
    parser.add_argument(
        "--by-pixel", type=int, default=2, help="samples of the chain rule by pixel"
    )
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    stack, inputs = _networks(given.networks), torch.rand(given.samples, *SHAPE)
    chain = chain_of(stack.network(0), SHAPE)
    assert chain is not None

    def sets(samples: int) -> TrainingSets:
        targets = torch.zeros(given.networks, samples, dtype=torch.int64)
        return TrainingSets(inputs[:samples], targets)

    def closed() -> np.ndarray:
        form = PiecewiseLinear(stack, chain, SHAPE)
        return closed_form_moments(form, given.networks, sets(given.samples), _ignore).square[0]

    def backward() -> np.ndarray:
        return backward_moments(stack, sets(given.samples), _ignore).square[0]

    def by_pixel() -> np.ndarray:
        network = stack.network(0)
        return np.stack([gradient_by_pixel(network, x) for x in inputs[: given.by_pixel]])

    _check(by_pixel(), backward_moments(stack, sets(given.by_pixel), _ignore).square[0])
    _check(backward().numpy()[None] ** 0.5, closed())
    work = given.networks * given.samples
    ways: dict[str, tuple[Callable[[], object], int]] = {
        "closed form": (closed, work),
        "backward passes": (backward, work),
        "chain rule by pixel": (by_pixel, given.by_pixel),
    }
    _report(_timed(ways, given.repeats), given.threads)


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


def _timed(
    ways: dict[str, tuple[Callable[[], object], int]], repeats: int
) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, (compute, samples) in ways.items():
            start = time.perf_counter()
            compute()
            seconds[name].append((time.perf_counter() - start) / samples)
    return seconds


def _report(seconds: dict[str, list[float]], threads: int) -> None:
    fastest = seconds["closed form"]
    print(f"{threads} threads, torch {torch.__version__}, {len(fastest)} passes; per sample")
    for name, each in seconds.items():
        ratios = [slow / fast for slow, fast in zip(each, fastest, strict=True)]
        print(
            f"{name:20} {1e6 * statistics.median(each):12.1f} µs   "
            f"{statistics.median(ratios):10.1f} times the closed form's "
            f"({min(ratios):.1f} to {max(ratios):.1f})"
        )


def _ignore(samples: int) -> None:
    """No progress is shown."""


if __name__ == "__main__":
    main()
