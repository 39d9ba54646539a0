"""The engine: from data to p-values."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from nullfit.console.progress import Progress
from nullfit.errors import UserError
from nullfit.tasks.permutation import replicates
from nullfit.tasks.permutation.checkpoint import Checkpoint
from nullfit.tasks.permutation.image_features import image_features
from nullfit.tasks.permutation.inference import permutation_test, permutation_tests
from nullfit.tasks.permutation.problem import PermutationProblem
from tests.tasks.permutation.conftest import features_of


class KilledError(Exception):
    """What a test is interrupted by."""


def test_the_active_input_is_found_and_a_constant_one_never(problem, network, training, settings):
    training = replace(training, epochs=15)
    found = permutation_test(problem, network, training, settings(), seed=0)
    assert found.p["p_value"][0] == 1 / 20
    assert found.p["p_value"][4] == 1
    assert found.null_statistic.shape == (19, 5)
    assert (found.null_statistic[:, 4] == found.statistic[4]).all()
    assert found.trainings == 1 + 19 * 4
    assert found.significant()["raw"] >= 1


def test_a_replicate_is_a_training_on_its_data(problem, network, training, settings):
    """Each null statistic is that of an observed test on the permuted data, trained alone."""
    from nullfit.tasks.permutation.nulls import FeatureColumns

    found = permutation_test(problem, network, training, settings(replicates=2), seed=5)
    null = FeatureColumns(problem, 5)
    for replicate in range(2):
        inputs = problem.inputs.clone()
        inputs[:, 1] = inputs[null.permutation(replicate), 1]
        permuted = PermutationProblem(inputs, problem.targets, problem.features, problem.kind)
        alone = permutation_test(permuted, network, training, settings(replicates=1), seed=0)
        assert found.null_statistic[replicate, 1] == pytest.approx(alone.statistic[1], rel=1e-4)


@pytest.mark.parametrize("null", ["labels", "feature", "conditional"])
def test_problems_together_are_as_alone(null, problem, network, training, settings):
    other = PermutationProblem(
        problem.inputs.flip(0), problem.targets, problem.features, problem.kind
    )
    chosen = settings(replicates=3, null=null)
    both = permutation_tests([problem, other], [network, network], training, chosen, seeds=[0, 1])
    for found, own, seed in zip(both, (problem, other), (0, 1), strict=True):
        alone = permutation_test(own, network, training, chosen, seed=seed)
        np.testing.assert_allclose(found.statistic, alone.statistic, rtol=1e-4)
        np.testing.assert_allclose(found.null_statistic, alone.null_statistic, rtol=1e-3)
        assert found.trainings == alone.trainings


@pytest.mark.parametrize("null", ["labels", "feature"])
@pytest.mark.parametrize("kills", [1, 2])
def test_a_killed_test_ends_with_the_same_bits(
    null, kills, problem, network, training, settings, tmp_path, monkeypatch
):
    replicates = 7 if null == "labels" else 2
    chosen = settings(null=null, replicates=replicates, max_group=3)
    whole = permutation_test(problem, network, training, chosen, seed=0)
    save = Checkpoint.save

    def killed(self, state):
        save(self, state)
        if state.done >= 3 * kills:
            raise KilledError

    def run(**changes):
        checkpoint = Checkpoint(tmp_path, "digest", 0.0)
        chosen = settings(null=null, replicates=replicates, **changes)
        return permutation_test(problem, network, training, chosen, seed=0, checkpoint=checkpoint)

    monkeypatch.setattr(Checkpoint, "save", killed)
    with pytest.raises(KilledError):
        run(max_group=3)
    monkeypatch.setattr(Checkpoint, "save", save)
    # The groups are those it began with, whatever is asked for now.
    resumed = run(max_group=5)
    assert np.array_equal(resumed.statistic, whole.statistic)
    assert np.array_equal(resumed.null_statistic, whole.null_statistic)
    for name, p in whole.p.items():
        assert np.array_equal(resumed.p[name], p)
    for name, weight in whole.weights.items():
        assert torch.equal(resumed.weights[name], weight)


def test_a_checkpoint_of_another_test_is_left_alone(tmp_path):
    from nullfit.tasks.permutation.checkpoint import Progressed

    state = Progressed(4, torch.zeros(2, dtype=torch.float64), 2, [])
    Checkpoint(tmp_path, "one", 0.0).save(state)
    assert Checkpoint(tmp_path, "other", 0.0).load() is None
    assert Checkpoint(tmp_path, "one", 0.0).load().done == 2
    Checkpoint(tmp_path, "one", 0.0).discard()
    assert not list(tmp_path.iterdir()) or not list((tmp_path / "checkpoints").iterdir())


def test_the_test_is_exact_under_its_hypothesis(problem, network, training, settings):
    """Independent inputs and targets: p is uniform on its steps."""
    random = torch.Generator().manual_seed(4)
    problems = []
    for _ in range(40):
        inputs = torch.randn(20, 5, generator=random)
        features = problem.features[:1]
        problems.append(
            PermutationProblem(inputs, torch.randn(20, generator=random), features, "regression")
        )
    found = permutation_tests(
        problems, [network] * 40, replace(training, epochs=2), settings(replicates=9),
        seeds=list(range(40)),
    )  # fmt: skip
    p = np.array([each.p["p_value"][0] for each in found])
    # 40 draws from 1/10 … 10/10: the mean has a standard deviation of 0.045.
    assert abs(p.mean() - 0.55) < 4 * 0.045
    assert (p <= 0.1).sum() <= 12


def test_max_t_of_permuted_labels_holds_the_familywise_error(network, training, settings):
    """No input is active: at most 5% of the data sets may have any p ≤ 0.05."""
    random = torch.Generator().manual_seed(5)
    problems = []
    for _ in range(120):
        shared = torch.randn(20, 1, generator=random)
        inputs = 0.9 * shared + 0.45 * torch.randn(20, 5, generator=random)
        targets = torch.randn(20, generator=random)
        problems.append(PermutationProblem(inputs, targets, features_of(5), "regression"))
    found = permutation_tests(
        problems, [network] * 120, replace(training, epochs=3),
        settings(null="labels", max_group=800), seeds=list(range(120)),
    )  # fmt: skip
    false = sum((each.p["p_max_t"] <= 0.05).any() for each in found)
    # Binomial with 0.05, an expectation of 6: more than 14 come once in a thousand times.
    assert 0 < false <= 14


@pytest.mark.parametrize("null", ["feature", "conditional"])
def test_max_t_is_not_offered_where_features_are_permuted_alone(
    null, problem, network, training, settings
):
    found = permutation_test(problem, network, training, settings(null=null, replicates=2), seed=0)
    assert set(found.p) == {"p_value", "p_holm", "p_bh"}
    assert set(found.significant()) == {"raw", "holm", "bh"}


def test_samples_of_the_statistic_are_limited(problem, network, training, settings):
    every = permutation_test(problem, network, training, settings(replicates=1), seed=0)
    some = permutation_test(problem, network, training, settings(replicates=1, samples=9), seed=0)
    limit = permutation_test(
        problem, network, training, settings(replicates=1, samples=500), seed=0
    )
    assert not np.array_equal(every.statistic, some.statistic)
    assert np.array_equal(every.statistic, limit.statistic)


def test_what_takes_long_is_told_once_after_the_first_group(
    problem, network, training, settings, monkeypatch, capsys
):
    monkeypatch.setattr(replicates, "_LONG_SECONDS", 0.0)
    chosen = settings(replicates=3, null="labels", max_group=1)
    for shown in (True, False):
        progress = Progress("job", 1.0, shown=shown)
        permutation_test(problem, network, training, chosen, seed=0, progress=progress)
        assert progress.done == progress.total
        said = capsys.readouterr().out
        assert said.count("  3 trainings are left, about 0:00:0") == said.count("left") == shown


def test_divergence_is_told(problem, network, settings, training):
    from functools import partial

    wild = replace(training, optimizer=partial(torch.optim.SGD, lr=1e6))
    with pytest.raises(UserError, match=r"not finite any more in epoch \d: lower optimizer\.lr"):
        permutation_test(problem, network, wild, settings(replicates=2), seed=0)


def test_networks_with_dropout_and_batch_norm(problem, training, settings):
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1)
    )
    found = permutation_test(problem, network, training, settings(replicates=3), seed=0)
    again = permutation_test(problem, network, training, settings(replicates=3), seed=0)
    assert np.array_equal(found.null_statistic, again.null_statistic)
    network.load_state_dict(found.weights)


def test_patches_cover_every_input_once():
    features = image_features((2, 5, 4), 2)
    assert len(features) == 6
    assert torch.equal(torch.cat([f.positions for f in features]).sort().values, torch.arange(40))
    assert features[0].name == "patch (0, 0)"
    assert features[0].positions.tolist() == [0, 1, 4, 5, 20, 21, 24, 25]
    with pytest.raises(UserError, match=r"permutation_test\.patch=6 is larger than the images"):
        image_features((1, 5, 8), 6)


def test_values_are_spread_over_the_inputs_of_a_feature(problem):
    features = image_features((1, 2, 4), 2)
    patches = PermutationProblem(torch.zeros(3, 1, 2, 4), torch.zeros(3), features, "regression")
    spread = patches.over_inputs(torch.tensor([[1.0, 2.0]]))
    assert spread.tolist() == [[[[1, 1, 2, 2], [1, 1, 2, 2]]]]
