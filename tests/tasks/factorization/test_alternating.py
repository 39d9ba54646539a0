"""What alternating least squares must do on any matrix, and on one whose rank is known."""

import numpy as np
import pytest
import torch

from nullfit.data.sources.generated_ratings import generated_ratings
from nullfit.seeds import generator
from nullfit.tasks.factorization.alternating import Factors, alternate
from nullfit.tasks.factorization.observed import Observed
from nullfit.tasks.factorization.problem import FactorizationProblem


def run(problem, rank, penalty, iterations=20, lambda_v=None):
    steps = alternate(
        problem.train,
        problem.train_by_column,
        problem.test,
        rank=rank,
        lambda_u=penalty,
        lambda_v=penalty if lambda_v is None else lambda_v,
        iterations=iterations,
        random=generator(0, "factorization"),
    )
    return list(steps)


def problem(noise=0.3, rank=3, share=0.8, **settings):
    matrix = generated_ratings(120, 80, rank, noise, 0.4, seed=0)
    return FactorizationProblem.of(matrix, share, 0, [], 0)


def test_errors_are_those_of_the_observed_entries_alone(holes) -> None:
    random = torch.Generator().manual_seed(2)
    u, v = (torch.randn(n, 4, generator=random, dtype=torch.float64) for n in (30, 20))
    expected = (u @ v.T - holes.matrix)[holes.mask].square().sum()
    assert Factors(u, v).squared_error(holes.observed) == pytest.approx(float(expected))


@pytest.mark.parametrize(("lambda_u", "lambda_v"), [(0.0, 0.0), (0.5, 2.0)])
def test_the_objective_never_grows(lambda_u, lambda_v) -> None:
    found = run(problem(), 5, lambda_u, lambda_v=lambda_v)
    objective = np.array([iteration.objective for iteration, _ in found])
    assert (np.diff(objective) <= 1e-9 * objective[:-1]).all()
    assert [iteration.number for iteration, _ in found] == list(range(1, 21))


def test_at_the_end_the_gradient_of_both_factors_vanishes() -> None:
    data = problem()
    _, factors = run(data, 3, 0.5, iterations=300, lambda_v=2.0)[-1]
    u = factors.rows.requires_grad_()
    v = factors.columns.requires_grad_()
    rows = torch.repeat_interleave(torch.arange(120), data.train.counts.long())
    errors = (u[rows] * v[data.train.columns.long()]).sum(1) - data.train.values
    objective = errors.square().sum() + 0.5 * u.square().sum() + 2.0 * v.square().sum()
    objective.backward()
    assert u.grad.abs().max() < 1e-6 * objective
    assert v.grad.abs().max() < 1e-6 * objective


def test_a_matrix_without_noise_is_completed_to_its_last_entry() -> None:
    iteration, _ = run(problem(noise=0.0), 3, 0.0, iterations=60)[-1]
    assert iteration.train_mse < 1e-12
    assert iteration.test_mse < 1e-11


def test_the_test_error_finds_the_rank_and_the_training_error_does_not() -> None:
    data = problem(noise=0.5)
    ends = {rank: run(data, rank, 0.3)[-1][0] for rank in (1, 2, 3, 4, 6)}
    assert min(ends, key=lambda rank: ends[rank].test_mse) == 3
    assert min(ends, key=lambda rank: ends[rank].train_mse) == 6
    assert 0.25 < ends[3].test_mse < 0.35  # noise of variance 0.25, and a little for the estimate


def test_a_column_without_training_entries_is_predicted_as_zero() -> None:
    rows, columns = torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1])
    values = torch.tensor([1.0, 2.0, 2.0, 4.0], dtype=torch.float64)
    train = Observed.of(rows, columns, values, (2, 3))
    by_column = Observed.of(columns, rows, values, (3, 2))
    test = Observed.of(torch.tensor([0]), torch.tensor([2]), values[3:], (2, 3))
    steps = alternate(
        train,
        by_column,
        test,
        rank=1,
        lambda_u=0.0,
        lambda_v=0.0,
        iterations=5,
        random=generator(0, "x"),
    )
    *_, (iteration, factors) = steps
    assert factors.columns[2] == 0
    assert iteration.test_mse == 16
