"""The null distributions: what is permuted, and what stays as it is.

A replicate is one data set drawn under the null hypothesis. Its permutation follows from (seed,
replicate) alone, the same for every feature, so that the statistics of one replicate over all
features are jointly distributed as the maximum of Westfall and Young needs them.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.permutation.problem import Problem
from nullfit.permutation.spline_fit import spline_fit
from nullfit.seeds import generator


@dataclass(frozen=True)
class Draw:
    """A data set of a replicate: the problem's own, but for targets, or some inputs' columns."""

    targets: Int64[Tensor, " n"] | Float32[Tensor, " n"]
    positions: Int64[Tensor, " p"] | None = None
    columns: Float32[Tensor, "n p"] | None = None


class Null(ABC):
    """Draws data sets in which the null hypothesis holds and all else is as observed."""

    by_feature: bool  # whether each feature has replicates of its own

    def __init__(self, problem: Problem, seed: int) -> None:
        self.problem = problem
        self.seed = seed

    @abstractmethod
    def draw(self, replicate: int, feature: int) -> Draw:
        """The data of one replicate of one feature, or of all features without ``by_feature``."""

    def fixed(self, feature: int) -> bool:
        """Whether every replicate of this feature would be the observed data themselves."""
        return False

    def permutation(self, replicate: int) -> Int64[Tensor, " n"]:
        """The permutation of the samples of a replicate."""
        draws = generator(self.seed, "permutation", replicate)
        return torch.randperm(len(self.problem), generator=draws)


class Labels(Null):
    """The targets of all samples are permuted: no input matters (the published scheme)."""

    by_feature = False

    def draw(self, replicate: int, feature: int) -> Draw:
        """The problem with permuted targets."""
        return Draw(self.problem.targets[self.permutation(replicate)])


class FeatureColumns(Null):
    """The columns of one feature are permuted together: it is independent of all else.

    Under the hypothesis that a feature is independent of target and other inputs, the data sets
    are exchangeable and the test is exact. A feature that depends on other inputs violates the
    hypothesis even where the target does not depend on it.
    """

    by_feature = True

    def draw(self, replicate: int, feature: int) -> Draw:
        """The problem with the feature's columns permuted."""
        positions, columns = _columns(self.problem, feature)
        return Draw(self.problem.targets, positions, columns[self.permutation(replicate)])

    def fixed(self, feature: int) -> bool:
        """Whether the feature is constant."""
        _, columns = _columns(self.problem, feature)
        return bool((columns == columns[0]).all())


class Conditional(Null):
    """What the other inputs do not tell of a feature is permuted, for correlated inputs.

    The columns of the feature are regressed by least squares on smooth curves of all other inputs,
    added up (`spline_fit`; on the inputs themselves where there are few samples for each), and the
    residuals are permuted (all its columns alike) and added back to the fit. The feature keeps its
    dependence on each other input and loses all else. Exact where the columns are a sum of such
    curves plus independent noise of one distribution (jointly normal inputs, for example), but for
    the error of the fitted coefficients. For linear models permuting the residuals of the tested
    regressor goes back to Kennedy (1995). With almost as many inputs as samples little is left to
    permute. A feature that the others determine stays as it is: p = 1.
    """

    by_feature = True

    def __init__(self, problem: Problem, seed: int) -> None:
        super().__init__(problem, seed)
        flat = problem.inputs.flatten(1)
        self._fits = self.fits(flat, [each.positions for each in problem.features])

    def fits(
        self, inputs: Float32[Tensor, "n d"], features: Sequence[Int64[Tensor, " _p"]]
    ) -> list[Float32[Tensor, "n _p"] | None]:
        """What the other inputs tell of each feature."""
        return spline_fit(inputs, features)

    def draw(self, replicate: int, feature: int) -> Draw:
        """The problem with the feature's residuals permuted."""
        positions, columns = _columns(self.problem, feature)
        fitted = self._fits[feature]
        if fitted is None:
            return Draw(self.problem.targets, positions, columns)
        residuals = columns - fitted
        columns = fitted + residuals[self.permutation(replicate)]
        return Draw(self.problem.targets, positions, columns)

    def fixed(self, feature: int) -> bool:
        """Whether the other inputs determine the feature."""
        return self._fits[feature] is None


def _columns(problem: Problem, feature: int) -> tuple[Int64[Tensor, " p"], Float32[Tensor, "n p"]]:
    positions = problem.features[feature].positions
    return positions, problem.inputs.flatten(1)[:, positions]
