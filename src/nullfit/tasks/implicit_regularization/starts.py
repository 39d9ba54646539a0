"""Where a descent starts: at zero, and at random beside it."""

import torch
from jaxtyping import Float64
from torch import Tensor

from nullfit.seeds import generator
from nullfit.tasks.implicit_regularization.linear_problem import LinearProblem


def random_start(problem: LinearProblem, relative_norm: float, seed: int) -> Float64[Tensor, "d c"]:
    """Gaussian weights, scaled to ``relative_norm`` times the norm of the solution."""
    solution = problem.minimum_norm
    drawn = torch.randn(solution.shape, generator=generator(seed, "start"), dtype=torch.float64)
    scaled: Tensor = drawn * (relative_norm * float(solution.norm()) / drawn.norm())
    return scaled.to(solution.device)


def side_by_side(
    problem: LinearProblem, other: Float64[Tensor, "d c"] | None
) -> Float64[Tensor, "d c2"]:
    """The columns of the start at zero, then those of the other start."""
    zero = torch.zeros_like(problem.minimum_norm)
    return zero if other is None else torch.cat([zero, other], dim=1)
