"""How much faster networks are trained together than one after the other.

    python benchmarks/fused.py [--threads 2] [--repeats 3] [--members 64] [--all]

Both ways train the same networks on the same data with evaluation after each epoch, in one process
and in turns; printed is the median ratio of their times with its range. Each training of the
slower way is an ordinary `fit`, as every run makes it; what both ways have in common (start-up,
reading data, writing results) is left out. ``--all`` adds networks that are too large to be fused
by the program's own rule, to show where it stands.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import nullfit.system.openmp  # noqa: F401 - how threads wait

import torch
from torch import nn

from nullfit.corruptions import random_labels
from nullfit.data import Step, digits, randomize
from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.randomized_data import RandomizedData
from nullfit.fused.limits import group_size, reason_to_train_alone
from nullfit.fused.pool import Pool
from nullfit.fused.together import fit_together
from nullfit.models import MLP, CNN15x15, LeNet, WideResNet
from nullfit.models.build import build
from nullfit.optimizers import sgd
from nullfit.schedules import exponential
from nullfit.system.allocator import keep_freed_memory
from nullfit.training import TrainerConfig, Training, fit


@dataclass(frozen=True)
class Case:
    """A grid of trainings: of one seed and several rates, or of several seeds."""

    name: str
    network: Callable[..., nn.Module]
    data: Callable[[], Dataset]
    batch_size: int
    epochs: int
    seeds: bool
    members: int = 64


def mnist_size() -> Dataset:
    """5,000 training and 1,000 test images of noise, as large as MNIST's."""
    draws = torch.Generator().manual_seed(0)
    classes = tuple("0123456789")
    sets = [
        ImageSet(
            torch.randint(256, (count, 1, 28, 28), generator=draws, dtype=torch.uint8),
            torch.randint(10, (count,), generator=draws),
            classes,
            "noise",
        )
        for count in (5000, 1000)
    ]
    return Dataset("noise", *sets)


mlp = partial(MLP, bias=True, dropout=0.0)
cnn, mlp_1x512 = CNN15x15, partial(mlp, hidden=[512])
CASES = [
    Case("cnn_15x15, 28×28, one seed, 64 rates", cnn, mnist_size, 64, 2, seeds=False),
    Case("cnn_15x15, 28×28, 64 seeds", cnn, mnist_size, 64, 2, seeds=True),
    Case("mlp_1x512, digits, 64 seeds", mlp_1x512, digits, 128, 20, seeds=True),
]
LARGER = [
    Case("mlp 3x128, digits", partial(mlp, hidden=[128] * 3), digits, 128, 10, True, 16),
    Case("mlp_3x512, digits", partial(mlp, hidden=[512] * 3), digits, 128, 10, True, 16),
    Case("mlp_1x512, 28×28", mlp_1x512, mnist_size, 128, 2, True, 16),
    Case("lenet, 28×28", partial(LeNet, dropout=0.0), mnist_size, 128, 2, True, 16),
    Case("wide_resnet_10, digits", partial(WideResNet, depth=10, width=1, dropout=0.0), digits,
         128, 2, True, 16),
]  # fmt: skip


def trainings(case: Case, members: int) -> list[Training]:
    """The members of a grid, each with weights and data of its own."""
    dataset = case.data()
    data: dict[int, RandomizedData] = {}
    found = []
    for member in range(members):
        seed = member if case.seeds else 0
        if seed not in data:
            step = Step(partial(random_labels, probability=1.0), "train")
            data[seed] = randomize(dataset, [step], seed)
        rate = 0.01 if case.seeds else 0.001 * (1 + member)
        found.append(
            Training(
                build(case.network, data[seed].input_shape, 10, seed, case.name),
                data[seed],
                partial(sgd, weight_decay=0.0, lr=rate, momentum=0.9, nesterov=False),
                partial(exponential, gamma=0.95, samples=None),
                seed=seed,
                trainer=TrainerConfig.default(
                    max_epochs=case.epochs, stop_at_train_accuracy=None, progress=False
                ),
                batch_size=case.batch_size,
            )
        )
    return found


def one_after_the_other(members: list[Training]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    for training in members:
        fit(training)
    return time.perf_counter() - began


def together(members: list[Training]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    pool = Pool(torch.device("cpu"), torch.float32)
    for _ in fit_together(members, group_size(members[0]), pool):
        pass
    return time.perf_counter() - began


def measure(case: Case, repeats: int, most: int) -> str:
    """A line of the table."""
    members = min(case.members, most)
    ratios, alone = [], []
    for _ in range(repeats):
        slow = one_after_the_other(trainings(case, members))
        ratios.append(slow / together(trainings(case, members)))
        alone.append(slow / members)
    first = trainings(case, 1)[0]
    rule = "one after the other" if reason_to_train_alone(first, members) else "fused"
    return (
        f"{case.name:38} {members:4} {group_size(first):6} {statistics.median(alone):10.2f} s "
        f"{statistics.median(ratios):7.1f}× ({min(ratios):.1f}–{max(ratios):.1f})  {rule}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--members", type=int, default=64)
    parser.add_argument("--all", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    keep_freed_memory()
    for case in CASES:  # what is loaded and set up once belongs to neither way
        one_after_the_other(trainings(case, 1)), together(trainings(case, 2))
    print(f"torch {torch.__version__}, {asked.threads} threads; n = {asked.repeats}")
    print(f"{'':38}    m  group   one alone   ratio (range)  the program's rule")
    for case in CASES + (LARGER if asked.all else []):
        print(measure(case, asked.repeats, asked.members), flush=True)


if __name__ == "__main__":
    main()
