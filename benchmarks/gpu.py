"""How well a GPU is used: images per second, utilization, and what faster modes cost in accuracy.

    python benchmarks/gpu.py [--repeats 5] [--peak 989] [--device cpu --quick]

For Inception, Alexnet, an MLP (28×28×3) and a wide residual network (32×32×3), in float32, in the
fast mode (bf16 autocast and TF32) and compiled (the same, and `trainer.compile=reduce-overhead`:
torch.compile with CUDA graphs), each with the data on the device:

- images per second of an epoch through the program's training path, metrics on;
- utilization: the arithmetic of the network (torch's FLOP counter; backward counts twice) over the
  GPU's peak in tera-operations per second, dense, in bfloat16; ``--peak`` for cards not listed;
- ratios of the program's time to a bare PyTorch loop's over the same data in the same mode, and to
  that of a loop which sees one batch over and over (synthetic data: no order, no copies);
- the accuracy on scikit-learn's digits (enlarged to 28×28×3) after the same epochs in all modes.

It needs no network. Without the compiled mode it takes less than ten minutes; how long compiling
takes was not measured. Without a GPU it says so and ends with exit code 2; ``--device cpu --quick``
runs every line of it in a minute or two, for figures that say nothing, and needs no compiler. A
mode that the program refuses on this machine is left out.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path

import nullfit.system.openmp  # noqa: F401 - how threads wait

import torch
from torch import Tensor
from torch.nn import functional

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.data.randomized_data import RandomizedData
from nullfit.errors import UserError
from nullfit.models.summary import summarize
from nullfit.training import compilation
from nullfit.training.compilation import Compute, compiled
from nullfit.training.device import check_device
from nullfit.training.execution import tf32
from nullfit.training.fitting import fit
from real_images import enlarged_digits
from synthetic import BATCH, config_of, synthetic

SIDES = {"inception": 28, "alexnet": 28, "mlp_3x512": 28, "wide_resnet": 32}
# Dense tera-operations per second in bfloat16, by the vendor's data sheets.
PEAKS = {
    "H100 PCIe": 756,
    "H100": 989,
    "H200": 989,
    "A100": 312,
    "L40S": 362,
    "L4": 121,
    "A10": 125,
}
_FAST = ["trainer.precision=bf16-mixed", "trainer.tf32=true"]
MODES = {
    "float32": ["trainer.precision=32-true", "trainer.tf32=false"],
    "fast": _FAST,
    "compiled": [*_FAST, "trainer.compile=reduce-overhead"],
}
NO_GPU = 2
_EPOCH = 128 * BATCH
_FORWARD_AND_BACKWARD = 3


@dataclass(frozen=True)
class Line:
    """What was measured of one network in one mode; ``utilization`` None where no peak is known."""

    model: str
    mode: str
    images_per_second: float
    utilization: float | None
    against_loop: float
    against_synthetic: float
    test_accuracy: float


@dataclass(frozen=True)
class Asked:
    """What the command line asks for."""

    device: str
    repeats: int
    epochs: int
    images: int
    digits: int
    peak: float | None


def measure(model: str, mode: str, asked: Asked) -> Line:
    """One line of the table."""
    options = [f"model={model}", f"trainer={asked.device}", "trainer.progress=false", *MODES[mode]]
    side = SIDES[model]
    data = synthetic(asked.images, asked.images // 4, side)
    config = config_of(*options, "trainer.max_epochs=3", "trainer.evaluate_every=1000")
    ways = {
        "ours": lambda: by_program(config, data),
        "loop": lambda: by_loop(config, data, mode, synthetic_data=False),
        "synthetic": lambda: by_loop(config, data, mode, synthetic_data=True),
    }
    for way in ways.values():
        way()
    rounds = [{name: way() for name, way in ways.items()} for _ in range(asked.repeats)]
    rate = statistics.median(asked.images / each["ours"] for each in rounds)
    return Line(
        model,
        mode,
        rate,
        None if asked.peak is None else rate * flops(config, data) / (asked.peak * 1e12),
        statistics.median(each["ours"] / each["loop"] for each in rounds),
        statistics.median(each["ours"] / each["synthetic"] for each in rounds),
        accuracy([*options, f"trainer.max_epochs={asked.epochs}"], side, asked),
    )


def by_program(config: RunConfig, data: RandomizedData) -> float:
    """Seconds of the epoch in the middle of a run of three."""
    network = assembly.network(config, data.input_shape, len(data.classes))
    rows = fit(assembly.training(config, network, data)).rows
    return float(rows[1]["seconds"] - rows[0]["seconds"])


def by_loop(config: RunConfig, data: RandomizedData, mode: str, *, synthetic_data: bool) -> float:
    """Seconds of an epoch of the bare loop, the second one."""
    device = torch.device("cuda" if config.trainer.accelerator == "gpu" else "cpu")
    network = assembly.network(config, data.input_shape, len(data.classes)).to(device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = assembly.optimizer(config)(network.parameters())
    images, labels = data.train.pixels.to(device), data.train.labels.to(device)
    with tf32(mode != "float32"), compiled(network, config.trainer.compile) as compute:
        for _ in range(2):
            seconds = timed(
                lambda: loop(compute, optimizer, images, labels, mode, synthetic_data), device
            )
    return seconds


def loop(
    compute: Compute,
    optimizer: torch.optim.Optimizer,
    images: Tensor,
    labels: Tensor,
    mode: str,
    synthetic_data: bool,
) -> None:
    """One epoch of the same number of steps."""
    for chosen in torch.randperm(len(labels), device=labels.device).split(BATCH):
        batch, target = (
            (images[: len(chosen)], labels[: len(chosen)])
            if synthetic_data
            else (images[chosen], labels[chosen])
        )
        optimizer.zero_grad(set_to_none=True)
        with autocast(labels.device, mode):
            loss = functional.cross_entropy(compute(batch), target)
        loss.backward()
        optimizer.step()


def autocast(device: torch.device, mode: str) -> AbstractContextManager[None]:
    """bfloat16 in all modes but float32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=mode != "float32")


def timed(work: Callable[[], None], device: torch.device) -> float:
    """Seconds until the device has done it."""
    began = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - began


def flops(config: RunConfig, data: RandomizedData) -> int:
    """Floating-point operations of training on one image."""
    network = assembly.network(config, data.input_shape, len(data.classes))
    return _FORWARD_AND_BACKWARD * sum(
        layer.flops for layer in summarize(network, data.input_shape)
    )


def accuracy(options: list[str], side: int, asked: Asked) -> float:
    """On the digits' test set, after the same epochs of the same run."""
    config = config_of(*options, "data.crop=null")
    data = assembly.randomized_data(config, enlarged_digits(side, asked.digits))
    network = assembly.network(config, data.input_shape, len(data.classes))
    return fit(assembly.training(config, network, data)).metrics["test/accuracy"]


def peak_of(name: str) -> float | None:
    """The peak of the card of that name."""
    return next((float(peak) for card, peak in PEAKS.items() if card in name), None)


def measured_modes(device: str) -> list[str]:
    """The modes that the program allows here; says why not of the others."""
    allowed = []
    for mode, options in MODES.items():
        try:
            check_device(config_of(f"trainer={device}", *options).trainer)
        except UserError as error:
            print(f"{mode}: not measured. {error}")
        else:
            allowed.append(mode)
    return allowed


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", choices=["gpu", "cpu"], default="gpu")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peak", type=float, help="tera-operations per second in bfloat16")
    parser.add_argument("--quick", action="store_true", help="sizes that say nothing: a dry run")
    parser.add_argument("--models", nargs="+", choices=list(SIDES), default=list(SIDES))
    parser.add_argument("--write", type=Path, help="a file for the results as JSON")
    given = parser.parse_args(arguments)
    if given.device == "gpu" and not torch.cuda.is_available():
        print("torch finds no GPU here: nothing is measured. (--device cpu --quick tries it out.)")
        sys.exit(NO_GPU)
    name = torch.cuda.get_device_name() if given.device == "gpu" else "cpu"
    asked = Asked(given.device, given.repeats, 10, _EPOCH, 1437, given.peak or peak_of(name))
    if given.quick:
        asked = Asked(given.device, 1, 1, 16, 16, given.peak)
        # Graphs are found and run as they are: no compiler is needed, and none is waited for.
        compilation.backend = lambda graph, _, **__: graph.forward
    print(f"{name}, torch {torch.__version__}, batches of {BATCH}; n = {asked.repeats}")
    modes = measured_modes(given.device)
    print("network      mode      images/s  utilization  / loop  / synthetic  accuracy (digits)")
    lines = [measure_and_print(model, mode, asked) for model in given.models for mode in modes]
    if given.write is not None:
        found = {"device": name, "torch": torch.__version__, "lines": [asdict(x) for x in lines]}
        given.write.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def measure_and_print(model: str, mode: str, asked: Asked) -> Line:
    """A line as soon as it is there."""
    line = measure(model, mode, asked)
    used = "–" if line.utilization is None else f"{line.utilization:.1%}"
    print(
        f"{model:12} {mode:8} {line.images_per_second:9,.0f} {used:>12} {line.against_loop:7.2f} "
        f"{line.against_synthetic:12.2f} {line.test_accuracy:12.1%}",
        flush=True,
    )
    return line


if __name__ == "__main__":
    main()
