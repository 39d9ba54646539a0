"""What replicates change, and what they leave alone."""

import pytest
import torch

from nullfit.tasks.permutation.members import members_of, training_sets
from nullfit.tasks.permutation.nulls import Conditional, FeatureColumns, Labels
from nullfit.tasks.permutation.problem import Feature, PermutationProblem
from nullfit.tasks.permutation.residuals import least_squares_fit


def test_labels_are_permuted_whole(problem):
    null = Labels(problem, 0)
    draws = [null.draw(b, 0).targets for b in range(3)]
    for targets in draws:
        assert torch.equal(targets.sort().values, problem.targets.sort().values)
        assert not torch.equal(targets, problem.targets)
    assert not torch.equal(draws[0], draws[1])


def test_a_replicate_follows_from_seed_and_number_alone(problem):
    first, again, other = FeatureColumns(problem, 0), FeatureColumns(problem, 0), Labels(problem, 1)
    assert torch.equal(first.permutation(3), again.permutation(3))
    assert not torch.equal(first.permutation(3), first.permutation(4))
    assert not torch.equal(first.permutation(3), other.permutation(3))
    moved = [first.draw(3, j).columns[:, 0] for j in range(2)]
    for j, column in enumerate(moved):
        assert torch.equal(column, problem.inputs[first.permutation(3), j])


def test_columns_of_a_feature_move_together(problem):
    pair = Feature("pair", torch.tensor([1, 3]))
    null = FeatureColumns(
        PermutationProblem(problem.inputs, problem.targets, (pair,), "regression"), 0
    )
    draw = null.draw(0, 0)
    assert torch.equal(draw.columns, problem.inputs[null.permutation(0)][:, [1, 3]])
    assert torch.equal(draw.targets, problem.targets)


def test_constant_features_are_not_trained_for(problem, network):
    null = FeatureColumns(problem, 0)
    assert [null.fixed(j) for j in range(5)] == [False] * 4 + [True]
    members = members_of(problem, network, null, 3)
    assert len(members) == 1 + 3 * 4
    assert {member.feature for member in members[1:]} == {0, 1, 2, 3}


def test_sets_replace_one_feature_of_each_network(problem, network):
    null = FeatureColumns(problem, 0)
    members = members_of(problem, network, null, 1)
    sets = training_sets(members)
    everything = sets.batch(torch.arange(len(problem)))
    assert torch.equal(everything[0], problem.inputs)
    for member, inputs in zip(members[1:], everything[1:], strict=True):
        expected = problem.inputs.clone()
        expected[:, member.feature] = problem.inputs[null.permutation(0), member.feature]
        assert torch.equal(inputs, expected)
    assert torch.equal(sets.subset(torch.tensor([7, 3])).batch(slice(0, 2)), everything[:, [7, 3]])


def test_sets_of_several_problems_are_the_same(problem, network):
    copy = PermutationProblem(
        problem.inputs.clone(), problem.targets, problem.features, "regression"
    )
    members = members_of(problem, network, FeatureColumns(problem, 0), 1)
    others = members_of(copy, network, FeatureColumns(copy, 0), 1)
    together = training_sets([*members, *others])
    alone = training_sets(members)
    every = torch.arange(len(problem))
    assert together.own
    assert torch.equal(together.batch(every)[: len(members)], alone.batch(every))
    assert torch.equal(together.batch(every)[len(members) :], alone.batch(every))


def test_conditional_keeps_the_dependence_on_other_inputs():
    random = torch.Generator().manual_seed(1)
    inputs = torch.randn(4000, 3, generator=random)
    inputs[:, 1] = inputs[:, 0] + 0.5 * torch.randn(4000, generator=random)
    features = tuple(Feature(f"x{j}", torch.tensor([j])) for j in range(3))
    null = Conditional(PermutationProblem(inputs, inputs[:, 0].clone(), features, "regression"), 0)
    moved = null.draw(0, 1).columns[:, 0]
    before = torch.corrcoef(inputs[:, :2].T)[0, 1]
    after = torch.corrcoef(torch.stack([inputs[:, 0], moved]))[0, 1]
    assert abs(before - after) < 0.03
    residuals = torch.corrcoef(torch.stack([inputs[:, 1] - inputs[:, 0], moved - inputs[:, 0]]))
    assert abs(residuals[0, 1]) < 0.06


@pytest.mark.parametrize("collinear", [False, True])
def test_least_squares_is_that_of_lstsq(collinear):
    random = torch.Generator().manual_seed(2)
    inputs = torch.randn(50, 6, generator=random)
    features = [torch.tensor([0]), torch.tensor([1, 2]), torch.tensor([3]), torch.tensor([4, 5])]
    if collinear:  # one-hot: the two columns sum to one, and so add nothing to each other
        inputs[:, 5] = (inputs[:, 5] > 0).float()
        inputs[:, 4] = 1 - inputs[:, 5]
    fits = least_squares_fit(inputs, features)
    for positions, fitted in zip(features, fits, strict=True):
        others = torch.ones(6, dtype=torch.bool).index_fill_(0, positions, False)
        design = torch.cat([torch.ones(50, 1), inputs[:, others]], 1).double()
        target = inputs[:, positions].double()
        solution = torch.linalg.lstsq(design, target, driver="gelsd").solution
        torch.testing.assert_close(fitted.columns.double(), design @ solution, atol=1e-5, rtol=1e-5)


def test_nothing_is_left_of_what_the_others_determine():
    random = torch.Generator().manual_seed(3)
    inputs = torch.randn(50, 4, generator=random)
    inputs[:, 2] = inputs[:, 0] - 2 * inputs[:, 1]
    inputs[:, 3] = 4.0
    fits = least_squares_fit(inputs, [torch.tensor([j]) for j in range(4)])
    assert fits == [None, None, None, None]
