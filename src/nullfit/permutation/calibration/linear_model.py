"""The tests of the linear model, beside which the networks' are put."""

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from nullfit.permutation.problem import Problem


def t_tests(problem: Problem) -> Float64[ndarray, " f"]:
    """p-value of each input's coefficient in a least-squares fit on all inputs (t-test)."""
    from statsmodels.api import OLS  # noqa: PLC0415

    inputs, target = _columns(problem)
    return np.asarray(OLS(target, _with_constant(inputs)).fit().pvalues)[1:]


def f_tests_of_curvature(problem: Problem) -> Float64[ndarray, " f"]:
    """p-value of the square and the cube of each input, added to the linear model (F-test)."""
    from statsmodels.api import OLS  # noqa: PLC0415

    inputs, target = _columns(problem)
    linear = OLS(target, _with_constant(inputs)).fit()
    p = []
    for column in inputs.T:
        added = np.column_stack([_with_constant(inputs), column**2, column**3])
        p.append(OLS(target, added).fit().compare_f_test(linear)[1])
    return np.array(p)


def _columns(problem: Problem) -> tuple[Float64[ndarray, "n f"], Float64[ndarray, " n"]]:
    return problem.inputs.flatten(1).double().numpy(), problem.targets.double().numpy()


def _with_constant(inputs: Float64[ndarray, "n f"]) -> Float64[ndarray, "n g"]:
    return np.column_stack([np.ones(len(inputs)), inputs])
