"""A permutation test from data to p-values."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float64
from numpy import ndarray
from torch import Tensor, nn

from nullfit.console.progress import Progress
from nullfit.fused.stack_training import Hyperparameters
from nullfit.tasks.permutation.checkpoint import Checkpoint
from nullfit.tasks.permutation.freedman_lane import FreedmanLane
from nullfit.tasks.permutation.group_size import group_size
from nullfit.tasks.permutation.members import Member, members_of
from nullfit.tasks.permutation.nulls import Conditional, FeatureColumns, Labels, Null
from nullfit.tasks.permutation.p_values import adjustments
from nullfit.tasks.permutation.problem import PermutationProblem
from nullfit.tasks.permutation.replicates import evaluate_members
from nullfit.tasks.permutation.settings import PermutationTestSettings

NULLS: dict[str, type[Null]] = {
    "labels": Labels,
    "feature": FeatureColumns,
    "conditional": Conditional,
    "freedman_lane": FreedmanLane,
}
LEVEL = 0.05


@dataclass(frozen=True)
class Outcome:
    """The statistic of each feature, its null distribution, and p-values by name.

    ``p`` has ``p_value``, ``p_holm``, ``p_bh`` and, where targets are permuted, ``p_max_t``.
    ``weights`` are those of the network trained on the observed data; ``trainings`` counts all
    networks trained.
    """

    statistic: Float64[ndarray, " f"]
    null_statistic: Float64[ndarray, "b f"]
    p: dict[str, Float64[ndarray, " f"]]
    weights: dict[str, Tensor]
    trainings: int

    def significant(self) -> dict[str, int]:
        """How many features have p ≤ 0.05, by adjustment: raw, holm, bh, and max_t."""
        names = {"p_value": "raw", "p_holm": "holm", "p_bh": "bh", "p_max_t": "max_t"}
        return {names[key]: int((p <= LEVEL).sum()) for key, p in self.p.items()}


def permutation_test(
    problem: PermutationProblem,
    network: nn.Module,
    training: Hyperparameters,
    settings: PermutationTestSettings,
    *,
    seed: int,
    checkpoint: Checkpoint | None = None,
    progress: Progress | None = None,
    device: torch.device | None = None,
) -> Outcome:
    """Test every feature of one problem; all networks start as ``network``.

    The permutations follow from ``seed``, and the order of batches from ``training.seed``.

    Raises:
        UserError: a training diverges, or the settings do not suit the problem.
    """
    (outcome,) = permutation_tests(
        [problem],
        [network],
        training,
        settings,
        seeds=[seed],
        checkpoint=checkpoint,
        progress=progress,
        device=device,
    )
    return outcome


def permutation_tests(
    problems: Sequence[PermutationProblem],
    networks: Sequence[nn.Module],
    training: Hyperparameters,
    settings: PermutationTestSettings,
    *,
    seeds: Sequence[int],
    checkpoint: Checkpoint | None = None,
    progress: Progress | None = None,
    device: torch.device | None = None,
) -> list[Outcome]:
    """The same for many problems of one shape at once, each with a network and a seed of its own.

    Their trainings share stacks: small problems are quicker together.
    """
    null, shown = NULLS[settings.null_used], progress is not None and progress.shown
    tests = [
        members_of(problem, network, null(problem, seed, shown=shown), settings.replicates)
        for problem, network, seed in zip(problems, networks, seeds, strict=True)
    ]
    members = [member for test in tests for member in test]
    done = evaluate_members(
        members,
        training,
        settings.statistic_used,
        settings.samples,
        group_size(members, training.batch_size, settings.max_group),
        checkpoint or Checkpoint(None, "", 0.0),
        progress or Progress("", 1.0, shown=False),
        device or torch.device("cpu"),
    )
    outcomes, values = [], iter(done.values)
    for test, weights in zip(tests, done.observed, strict=True):
        found = [next(values).numpy() for _ in test]
        outcomes.append(_outcome(test, found, settings, weights))
    return outcomes


def _outcome(
    members: Sequence[Member],
    values: Sequence[Float64[ndarray, " _v"]],
    settings: PermutationTestSettings,
    weights: dict[str, Tensor],
) -> Outcome:
    statistic = values[0]
    # Features that no replicate moves keep the observed statistic.
    null_statistic = np.repeat(statistic[None], settings.replicates, axis=0)
    for member, found in zip(members[1:], values[1:], strict=True):
        if member.null.by_feature:
            null_statistic[member.replicate, member.feature] = found.item()
        else:
            null_statistic[member.replicate] = found
    offered = adjustments(settings.null_used)
    p = {name: adjust(statistic, null_statistic) for name, adjust in offered.items()}
    return Outcome(statistic, null_statistic, p, weights, len(members))
