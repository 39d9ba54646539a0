"""The null of ``permutation_test.kind=nonlinearity``: a feature enters linearly."""

from math import sqrt

import torch
from jaxtyping import Float32, Float64
from torch import Tensor

from nullfit.console.progress import track
from nullfit.tasks.permutation.guidance import residuals_of_classes
from nullfit.tasks.permutation.nulls import Draw, Null
from nullfit.tasks.permutation.problem import PermutationProblem
from nullfit.tasks.permutation.spline_fit import curves


class FreedmanLane(Null):
    """The residuals of a fit in which one feature enters linearly are permuted.

    The hypothesis is y = β x_j + f(other inputs) + noise, with the noise exchangeable. It is also
    violated where x_j acts together with another input, even if linearly at each value of that one.
    The fit is least squares on x_j and on smooth curves of all other inputs, added up (those of
    `spline_fit`). Its residuals are centred, scaled by √(n / (n − columns)), since fitting makes
    them smaller than the noise, permuted and added back to the fit, as Freedman and Lane (1983) do
    for a linear model. What the others do together, which the curves do not tell, counts as noise.

    This construction is our own: statistic (the variance over samples of the derivative) and fit
    come from no paper. It is exact only as far as the fit is.
    """

    by_feature = True

    def __init__(self, problem: PermutationProblem, seed: int, *, shown: bool = False) -> None:
        """Fit the curves.

        Raises:
            UserError: the problem is a classification.
        """
        super().__init__(problem, seed, shown=shown)
        if problem.kind != "regression":
            raise residuals_of_classes("the target must be a number")
        features = range(len(problem.features))
        watched = track(features, len(features), "what each tells along curves", shown=shown)
        self._fits = [_linear_in(problem, feature) for feature in watched]

    def draw(self, replicate: int, feature: int) -> Draw:
        """The problem with the fit plus permuted residuals as its targets."""
        fitted, residuals = self._fits[feature]
        return Draw(fitted + residuals[self.permutation(replicate)])


def _linear_in(
    problem: PermutationProblem, feature: int
) -> tuple[Float32[Tensor, " n"], Float32[Tensor, " n"]]:
    """The fit in which one feature enters linearly, and its residuals at the noise's scale."""
    inputs = problem.inputs.flatten(1)
    added, owners = curves(inputs)
    kept = ~torch.isin(owners, problem.features[feature].positions)
    ones = inputs.new_ones(len(inputs), 1)
    columns = torch.cat([ones, inputs, added[:, kept]], dim=1).double()
    basis = _orthonormal(columns)
    target = problem.targets.double()
    fitted = basis @ (basis.T @ target)
    left = max(len(inputs) - basis.shape[1], 1)
    residuals = target - fitted
    residuals = (residuals - residuals.mean()) * sqrt(len(inputs) / left)
    return fitted.float(), residuals.float()


def _orthonormal(columns: Float64[Tensor, "n c"]) -> Float64[Tensor, "n r"]:
    """A basis of what the columns span."""
    left, sizes, _ = torch.linalg.svd(columns, full_matrices=False)
    basis: Tensor = left[:, sizes > 1e-10 * sizes[0]]
    return basis
