"""The tests of the linear model, beside which the networks' are put."""

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from nullfit.tasks.permutation.problem import PermutationProblem


def linear_tests(problem: PermutationProblem) -> Float64[ndarray, " f"]:
    """p-value of each feature in a least-squares fit on all inputs.

    The t-test of its coefficient, or the F-test of all its inputs together. Two classes are taken
    for the numbers 0 and 1 (the linear probability model).
    """
    from statsmodels.api import OLS

    inputs, target = _columns(problem)
    blocks = [feature.positions.numpy() for feature in problem.features]
    # The columns of a category sum to one, as the constant does: its last level is the reference.
    blocks = [block if len(block) == 1 else block[:-1] for block in blocks]
    used = np.concatenate(blocks)
    whole = OLS(target, _with_constant(inputs[:, used])).fit()
    p = []
    for block in blocks:
        rest = inputs[:, np.setdiff1d(used, block)]
        # Of one coefficient this is the t-test: F = t².
        p.append(float(whole.compare_f_test(OLS(target, _with_constant(rest)).fit())[1]))
    return np.array(p)


def f_tests_of_curvature(problem: PermutationProblem) -> Float64[ndarray, " f"]:
    """p-value of the square and the cube of each input, added to the linear model (F-test)."""
    from statsmodels.api import OLS

    inputs, target = _columns(problem)
    linear = OLS(target, _with_constant(inputs)).fit()
    p = []
    for column in inputs.T:
        added = np.column_stack([_with_constant(inputs), column**2, column**3])
        p.append(OLS(target, added).fit().compare_f_test(linear)[1])
    return np.array(p)


def _columns(problem: PermutationProblem) -> tuple[Float64[ndarray, "n d"], Float64[ndarray, " n"]]:
    return problem.inputs.flatten(1).double().numpy(), problem.targets.double().numpy()


def _with_constant(inputs: Float64[ndarray, "n d"]) -> Float64[ndarray, "n e"]:
    return np.column_stack([np.ones(len(inputs)), inputs])
