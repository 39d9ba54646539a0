"""All that is measured: against what, and what it has to reach."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["× faster", "× the time", "s", "MB", "GiB"]


@dataclass(frozen=True)
class Target:
    """A line of the table. ``name`` is <benchmark>/<figure>; ``limit`` None: shown only.

    ``× faster`` is the comparison's time over ours and has to reach at least the limit; all other
    units at most.
    """

    name: str
    what: str
    against: str
    unit: Unit
    limit: float | None = None

    @property
    def benchmark(self) -> str:
        """The file that measures it, without its ending."""
        return self.name.partition("/")[0]

    @property
    def at_least(self) -> bool:
        """Whether larger is better."""
        return self.unit == "× faster"

    def __str__(self) -> str:
        if self.limit is None:
            return "–"
        return f"{'≥' if self.at_least else '≤'} {told(self.limit, self.unit)}"


def told(figure: float, unit: Unit) -> str:
    """A figure as tables show it."""
    return f"{digits(figure)}×" if unit.startswith("×") else f"{digits(figure)} {unit}"


def digits(figure: float) -> str:
    """Three digits that mean something."""
    return f"{figure:.0f}" if figure >= 100 else f"{figure:.3g}"


_CLOSED = "input gradients of `cnn_15x15`, closed form"
_SUBSETS = "16 networks on subsets, batches that all share"
_OWN_BATCHES = "batches of each network's own subset"
_PER_IMAGE = "torchvision transforms by the image, DataLoader"
_CIFAR_GIB = 60_000 * 3 * 28 * 28 * 4 / 2**30  # cropped, as the network gets them
_SECONDS = {
    **dict.fromkeys(("random_labels", "shuffled_labels", "pair_flip_labels"), 1.0),
    **dict.fromkeys(("shuffled_pixels",), 1.0),
    **dict.fromkeys(("random_pixels", "gaussian", "uniform_pixels", "gaussian_noise"), 10.0),
    **dict.fromkeys(("shuffled_patches", "chain"), 10.0),
}
_IMPORTS = "`import torch, pytorch_lightning` alone"

_LOOP = "a bare PyTorch loop"
_RECIPE = "the usual public recipe"
_BUSY = {
    "mlp_3x512": "a step of `mlp_3x512`",
    "lenet": "`lenet`, batches of 128,",
    "lenet_4": "`lenet`, batches of 4,",
    "inception": "`inception`, batches of 16,",
    "fused": "16 fused `mlp_1x512`",
}
_SAME_LAYOUT = "a bare PyTorch loop, channels_last"

TARGETS = [
    Target("startup/help", "`python run.py --help`", "–", "s", 1.0),
    Target("startup/config", "`python run.py --cfg job`", "–", "s", 1.5),
    Target("startup/first_step", "start to first step, digits, W&B", _IMPORTS, "× the time", 1.5),
    Target("startup/first_step_csv", "the same, `logger=csv`", _IMPORTS, "× the time", 1.5),
    Target("report/seconds", "report of 500 runs × 300 epochs", "–", "s", 60),
    Target("report/page", "the page of it", "–", "MB", 20),
    Target("input_gradients/backward", _CLOSED, "backward passes", "× faster"),
    Target("memorization/mlp", f"{_SUBSETS}, MLP 128", _OWN_BATCHES, "× faster"),
    Target("memorization/lenet", f"{_SUBSETS}, LeNet", _OWN_BATCHES, "× faster"),
    Target("memorization/cnn_15x15", f"{_SUBSETS}, `cnn_15x15`", _OWN_BATCHES, "× faster", 2),
    Target("input_gradients/by_pixel", _CLOSED, "chain rule by pixel in NumPy", "× faster"),
    Target("epoch/mlp_3x512", "epoch of `mlp_3x512`, metrics, bar", _LOOP, "× the time", 1.10),
    Target("epoch/mlp_3x512_evaluated", "the same and the test set", _LOOP, "× the time"),
    Target("epoch/inception", "epoch of `inception`, metrics, bar", _LOOP, "× the time", 1.03),
    Target("epoch/inception_same_layout", "epoch of `inception`", _SAME_LAYOUT, "× the time"),
    Target("batches/cifar", "batches of 128, CIFAR size", _PER_IMAGE, "× faster", 50),
    Target("batches/mnist", "batches of 128, MNIST size", _PER_IMAGE, "× faster", 50),
    Target("batches/cifar_first", "the first epoch, CIFAR size", _PER_IMAGE, "× faster"),
    Target("batches/mnist_first", "the first epoch, MNIST size", _PER_IMAGE, "× faster"),
    Target("batches/cifar_augmented", "augmented, CIFAR size", _PER_IMAGE, "× faster"),
    Target("batches/mnist_augmented", "augmented, MNIST size", _PER_IMAGE, "× faster"),
    *(
        Target(f"corruptions/{name}", f"`{name}`, 50,000 images of CIFAR size", "–", "s", limit)
        for name, limit in _SECONDS.items()
    ),
    Target("memory/none", "peak of a run, CIFAR size", "data + 1 GiB", "GiB", _CIFAR_GIB + 1),
    Target("memory/gaussian", "the same, gaussian", "data + 1 GiB", "GiB", _CIFAR_GIB + 1),
    Target("memory/growth", "streamed, 100,000 images", "10,000 images", "GiB", 0.1),
    Target("whole_run/mlp", "MLP 512 fits random labels, 10 epochs", _RECIPE, "× faster", 4),
    Target("whole_run/wide_resnet", "run of `wide_resnet`, 32×32", _RECIPE, "× faster", 1.5),
    Target("whole_run_full/mlp", "MLP 512, 50,000 images, 3 epochs", _RECIPE, "× faster", 6),
    Target(
        "whole_run_full/wide_resnet", "`wide_resnet`, 1 epoch of them", _RECIPE, "× faster", 1.5
    ),
    *(
        Target(f"busy/{name}", f"{what} beside two busy processes", "alone", "× the time", 2.5)
        for name, what in _BUSY.items()
    ),
    Target("layout/inception", "a step of `inception`, channels_last", "contiguous", "× faster"),
    Target("layout/alexnet", "`alexnet`", "contiguous", "× faster"),
    Target("layout/wide_resnet", "`wide_resnet`, 32×32", "contiguous", "× faster"),
    Target("layout/lenet", "`lenet`, 32×32", "contiguous", "× faster"),
]


LONG = ("whole_run_full",)  # a quarter of an hour: `bench.py` runs them when asked to by name


def target_of(name: str) -> Target:
    """The target of that name.

    Raises:
        KeyError: there is none.
    """
    for target in TARGETS:
        if target.name == name:
            return target
    raise KeyError(f"{name} is not in benchmarks/targets.py: add a line for it")
