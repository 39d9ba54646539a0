"""The null distributions: what is permuted, and what stays as it is.

A replicate is one data set drawn under the null hypothesis. Its permutation follows from (seed,
replicate) alone, the same for every feature. With ``by_feature`` that makes no joint draw of all
features: in each one's data set the others are as observed, and nothing follows for the largest of
their statistics (`nullfit.tasks.permutation.p_values.p_max_t`).
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.seeds import generator
from nullfit.tasks.permutation.conditional_permutation import Conditioned
from nullfit.tasks.permutation.normal_scores import normal_scores
from nullfit.tasks.permutation.problem import PermutationProblem
from nullfit.tasks.permutation.residuals import ColumnFit
from nullfit.tasks.permutation.spline_fit import spline_fit


@dataclass(frozen=True)
class Draw:
    """A data set of a replicate: the problem's own, but for targets, or some inputs' columns."""

    targets: Int64[Tensor, " n"] | Float32[Tensor, " n"]
    positions: Int64[Tensor, " p"] | None = None
    columns: Float32[Tensor, "n p"] | None = None


class Null(ABC):
    """Draws data sets in which the null hypothesis holds and all else is as observed."""

    by_feature: bool  # whether each feature has replicates of its own

    def __init__(self, problem: PermutationProblem, seed: int, *, shown: bool = False) -> None:
        self.problem = problem
        self.seed = seed
        self.shown = shown  # whether what takes long says how far it is

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
    added up (`spline_fit`; on the inputs themselves where there are few samples for each): all as
    they are, or all by their `normal_scores`, whichever explains more of the feature. Its values,
    all its columns alike, are then permuted with the odds that this fit gives (`Conditioned`). So
    the feature keeps its own distribution and its dependence on each other input, and loses all
    else.

    Exact where the feature, or its score, is a sum of curves plus independent normal noise (jointly
    normal inputs and monotone functions of such, for example), nearly so where linear discriminants
    tell its categories apart; always but for the error of the fitted coefficients. With almost as
    many inputs as samples little is left to permute. A feature that the others determine stays as
    it is: p = 1.
    """

    by_feature = True

    def __init__(self, problem: PermutationProblem, seed: int, *, shown: bool = False) -> None:
        super().__init__(problem, seed, shown=shown)
        flat = problem.inputs.flatten(1)
        by_scale = [self._on(scale) for scale in (flat, normal_scores(flat))]
        self._hubs: dict[int, Int64[Tensor, " n"]] = {}
        self._given = [
            None if None in both else max(both, key=lambda one: one.explained)
            for both in zip(*by_scale, strict=True)
        ]

    def _on(self, inputs: Float32[Tensor, "n d"]) -> list[Conditioned | None]:
        """Each feature given the others, all on one scale."""
        positions = [each.positions for each in self.problem.features]
        return [
            None if fit is None else Conditioned.of(inputs[:, own], fit)
            for own, fit in zip(positions, self.fits(inputs, positions), strict=True)
        ]

    def fits(
        self, inputs: Float32[Tensor, "n d"], features: Sequence[Int64[Tensor, " _p"]]
    ) -> list[ColumnFit | None]:
        """What the other inputs tell of each feature."""
        return spline_fit(inputs, features, shown=self.shown)

    def draw(self, replicate: int, feature: int) -> Draw:
        """The problem with the feature's values permuted."""
        positions, columns = _columns(self.problem, feature)
        given = self._given[feature]
        if given is not None:
            draws = generator(self.seed, "permutation", replicate)
            columns = columns[given.permutation(self._hub(feature, given), draws)]
        return Draw(self.problem.targets, positions, columns)

    def _hub(self, feature: int, given: Conditioned) -> Int64[Tensor, " n"]:
        """Where all replicates begin, so that the observed values are to them as each other."""
        if feature not in self._hubs:
            observed = torch.arange(len(self.problem))
            draws = generator(self.seed, "permutation", "hub")
            self._hubs[feature] = given.permutation(observed, draws)
        return self._hubs[feature]

    def fixed(self, feature: int) -> bool:
        """Whether the other inputs determine the feature."""
        return self._given[feature] is None


def _columns(
    problem: PermutationProblem, feature: int
) -> tuple[Int64[Tensor, " p"], Float32[Tensor, "n p"]]:
    positions = problem.features[feature].positions
    return positions, problem.inputs.flatten(1)[:, positions]
