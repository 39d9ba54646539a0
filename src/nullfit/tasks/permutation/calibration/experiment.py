"""The p-values of all tests on some data sets of one cell."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64
from numpy import ndarray
from torch import Tensor, nn

from nullfit.fused import Stack
from nullfit.fused.stack_training import Hyperparameters, train
from nullfit.models.build import build
from nullfit.models.mlp import MLP
from nullfit.optimizers import adam
from nullfit.schedules import constant
from nullfit.seeds import derive
from nullfit.tasks.permutation.calibration.cell import Cell
from nullfit.tasks.permutation.calibration.importance import importance_tests
from nullfit.tasks.permutation.calibration.linear_model import f_tests_of_curvature, linear_tests
from nullfit.tasks.permutation.calibration.methods import ADJUSTED, statistics_of
from nullfit.tasks.permutation.calibration.situations import SITUATIONS
from nullfit.tasks.permutation.freedman_lane import FreedmanLane
from nullfit.tasks.permutation.inference import NULLS
from nullfit.tasks.permutation.input_gradients import gradient_moments
from nullfit.tasks.permutation.loss import loss_of
from nullfit.tasks.permutation.nulls import Conditional, Null
from nullfit.tasks.permutation.p_values import adjustments, p_values
from nullfit.tasks.permutation.problem import PermutationProblem
from nullfit.tasks.permutation.residuals import ColumnFit, least_squares_fit
from nullfit.tasks.permutation.statistics import Statistic, evaluate_statistic
from nullfit.tasks.permutation.training_sets import TrainingSets

_VALUES: tuple[Statistic, ...] = ("squared", "share", "variance")


class ConditionalLinear(Conditional):
    """The residuals of a fit on the other inputs as they are, without curves."""

    def fits(
        self, inputs: Float32[Tensor, "n d"], features: Sequence[Int64[Tensor, " _p"]]
    ) -> list[ColumnFit | None]:
        """Plain least squares."""
        return least_squares_fit(inputs, features)


_NULLS: dict[str, type[Null]] = {
    **NULLS,
    "conditional_linear": ConditionalLinear,
    "nonlinearity": FreedmanLane,
}


def p_values_of(
    cell: Cell, numbers: Sequence[int], seed: int
) -> Float64[ndarray, "sets tests inputs"]:
    """p-values of the tested inputs in the data sets of these ``numbers``.

    Of a family it is the smallest adjusted one, which tells whether any is rejected. A data set
    follows from ``seed``, its number, situation and sample size: regimes share it.
    """
    situation = SITUATIONS[cell.situation]
    seeds = [derive(seed, "calibration", cell.situation, cell.samples, n) for n in numbers]
    problems = [situation.draw(cell.samples, derive(each, "data")) for each in seeds]
    networks = [_network(cell, *each) for each in zip(problems, seeds, strict=True)]
    beside = _others_tests(cell, problems, networks, seeds[0], numbers[0])
    return np.array(
        [
            [*others, *_permutation_tests(cell, problem, network, own)]
            for others, problem, network, own in zip(beside, problems, networks, seeds, strict=True)
        ]
    )


def _others_tests(
    cell: Cell,
    problems: list[PermutationProblem],
    networks: list[nn.Module],
    seed: int,
    number: int,
) -> list[list[Float64[ndarray, " 2"]]]:
    """What stands beside the tests of single inputs; nothing beside those of a family."""
    if cell.settings.family:
        return [[] for _ in problems]
    tested = list(cell.tested)
    halved = _training(cell, seed, cell.samples // 2)
    repeats = cell.settings.replicates
    importance = importance_tests(problems, networks, halved, repeats, number)
    linear = [linear_tests]
    if "nonlinearity" in cell.nulls:
        linear.append(f_tests_of_curvature)
    return [
        [*(test(problem)[tested] for test in linear), important[tested]]
        for problem, important in zip(problems, importance, strict=True)
    ]


def _permutation_tests(
    cell: Cell, problem: PermutationProblem, network: nn.Module, seed: int
) -> list[Float64[ndarray, " _tested"]]:
    """All of them from one stack: the observed data and the replicates of every null."""
    training = _training(cell, seed, cell.samples)
    replicates = cell.settings.replicates
    inputs, targets = [problem.inputs[None]], [problem.targets[None]]
    for name in cell.nulls:
        null = _NULLS[name](problem, derive(seed, "null", name))
        for feature in cell.tested if null.by_feature else cell.tested[:1]:
            own, wanted = _replicates(null, feature, replicates)
            inputs.append(own)
            targets.append(wanted)
    sets = TrainingSets(torch.cat(inputs), torch.cat(targets), own=True)
    stack = Stack.repeated(network, len(sets.targets))
    train(stack, sets, training, loss_of(problem.kind))
    moments = gradient_moments(stack, sets)
    values: dict[str, Float64[ndarray, "members inputs"]] = {
        name: evaluate_statistic(name, moments, problem.features).numpy()[:, list(cell.tested)]
        for name in _VALUES
    }
    return _compared(cell, values)


def _compared(
    cell: Cell, values: dict[str, Float64[ndarray, "members inputs"]]
) -> list[Float64[ndarray, " _tested"]]:
    """The observed statistics (the first row) against the rows of each null in turn."""
    replicates, inputs, start, p = cell.settings.replicates, len(cell.tested), 1, []
    for name in cell.nulls:
        if name == "labels":
            rows = np.tile(np.arange(start, start + replicates), (inputs, 1))
        else:
            rows = np.arange(start, start + inputs * replicates).reshape(inputs, replicates)
        start = int(rows.max()) + 1
        for statistic in statistics_of(name):
            found = values[statistic]
            against = np.column_stack([found[rows[i], i] for i in range(inputs)])
            p += _p_values(cell, name, found[0], against)
    return p


def _p_values(
    cell: Cell,
    null: str,
    observed: Float64[ndarray, " inputs"],
    against: Float64[ndarray, "b inputs"],
) -> list[Float64[ndarray, " _tested"]]:
    """Those of single inputs, or of a family the smallest by each adjustment."""
    if not cell.settings.family:
        return [p_values(observed, against)]
    offered = adjustments(null)
    return [
        offered[name](observed, against).min(keepdims=True) for name in offered if name in ADJUSTED
    ]


def _replicates(
    null: Null, feature: int, replicates: int
) -> tuple[Float32[Tensor, "b n *shape"], Float32[Tensor, "b n"] | Int64[Tensor, "b n"]]:
    problem = null.problem
    inputs = problem.inputs.flatten(1).repeat(replicates, 1, 1)
    targets = []
    for replicate in range(replicates):
        draw = null.draw(replicate, feature)
        targets.append(draw.targets)
        if draw.positions is not None and draw.columns is not None:
            inputs[replicate, :, draw.positions] = draw.columns
    return inputs.view(replicates, *problem.inputs.shape), torch.stack(targets)


def _network(cell: Cell, problem: PermutationProblem, seed: int) -> nn.Module:
    factory = partial(MLP, hidden=cell.settings.hidden, bias=True, dropout=0.0)
    outputs = 2 if problem.kind == "classification" else 1
    _, height, width = problem.input_shape
    return build(factory, (1, height, width), outputs, derive(seed, "network"), "mlp")


def _training(cell: Cell, seed: int, samples: int) -> Hyperparameters:
    """So many epochs that the number of steps is that of the regime, whatever the sample size."""
    regime = cell.settings
    steps_per_epoch = -(-samples // regime.batch_size)
    return Hyperparameters(
        partial(adam, weight_decay=cell.weight_decay, lr=regime.lr, betas=[0.9, 0.999]),
        constant,
        max(1, round(regime.steps / steps_per_epoch)),
        regime.batch_size,
        derive(seed, "order"),
    )
