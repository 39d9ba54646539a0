"""The trainings of a test: the observed data set and its replicates."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nullfit.tasks.permutation.nulls import Draw, Null
from nullfit.tasks.permutation.problem import PermutationProblem
from nullfit.tasks.permutation.training_sets import Columns, TrainingSets


@dataclass(frozen=True)
class Member:
    """One training: of a replicate of some feature, or of the observed data (``replicate`` -1).

    ``network`` is what it starts from.
    """

    problem: PermutationProblem
    network: nn.Module
    null: Null
    replicate: int = -1
    feature: int = 0

    @property
    def observed(self) -> bool:
        """Whether nothing is permuted."""
        return self.replicate < 0

    @property
    def values(self) -> int:
        """How many values of the statistic count: one replicate serves one feature or all."""
        single = not self.observed and self.null.by_feature
        return 1 if single else len(self.problem.features)

    def draw(self) -> Draw:
        """What is trained on."""
        if self.observed:
            return Draw(self.problem.targets)
        return self.null.draw(self.replicate, self.feature)


def members_of(
    problem: PermutationProblem, network: nn.Module, null: Null, replicates: int
) -> list[Member]:
    """The observed training, then the replicates; features that no replicate moves have none."""
    observed = Member(problem, network, null)
    moved = [0]
    if null.by_feature:
        moved = [j for j in range(len(problem.features)) if not null.fixed(j)]
    return [
        observed,
        *(Member(problem, network, null, b, j) for b in range(replicates) for j in moved),
    ]


def training_sets(members: Sequence[Member]) -> TrainingSets:
    """The data of a group of members, whose problems have one shape."""
    draws = [member.draw() for member in members]
    targets = torch.stack([draw.targets for draw in draws])
    problems = [member.problem for member in members]
    own = any(problem.inputs is not problems[0].inputs for problem in problems)
    replaced = _replaced(members, draws)
    if not own:
        return TrainingSets(problems[0].inputs, targets, replaced=replaced)
    inputs = torch.stack([problem.inputs for problem in problems])
    if replaced is not None:
        where = replaced.positions.unsqueeze(1).expand_as(replaced.values)
        inputs = inputs.flatten(2).scatter_(2, where, replaced.values).reshape(inputs.shape)
    return TrainingSets(inputs, targets, own=True)


def _replaced(members: Sequence[Member], draws: Sequence[Draw]) -> Columns | None:
    widest = max(0 if draw.positions is None else len(draw.positions) for draw in draws)
    if not widest:
        return None
    pairs = [_padded(*pair, widest) for pair in zip(members, draws, strict=True)]
    positions, values = zip(*pairs, strict=True)
    return Columns(torch.stack(positions), torch.stack(values))


def _padded(member: Member, draw: Draw, widest: int) -> tuple[Tensor, Tensor]:
    """Positions and columns of a draw, repeated up to ``widest``, so that draws can be stacked."""
    positions, columns = draw.positions, draw.columns
    if positions is None or columns is None:  # the observed data: replaced by themselves
        positions = member.problem.features[member.feature].positions[:1]
        columns = member.problem.inputs.flatten(1)[:, positions]
    repeated = torch.arange(widest).clamp_max_(len(positions) - 1)
    return positions[repeated], columns[:, repeated]
