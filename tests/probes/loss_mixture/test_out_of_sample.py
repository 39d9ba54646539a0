"""Every training sample is judged by a network that did not see it; cleanlab ranks by that."""

import sys

import numpy as np
import pytest
import torch

from nullfit import assembly
from nullfit.errors import UserError
from nullfit.probes.loss_mixture import out_of_sample as module
from nullfit.probes.loss_mixture.cleanlab_ranking import cleanlab_ranking
from nullfit.probes.loss_mixture.out_of_sample import assigned_folds, out_of_sample
from nullfit.runs.probes import probes_of

NOISE = ["corruption=random_labels", "corruption.probability=0.4"]


def test_folds_are_equal_in_size_and_in_classes() -> None:
    labels = torch.arange(10).repeat_interleave(torch.arange(10, 30, 2))
    folds = assigned_folds(labels, 5, seed=0)
    assert set(folds.bincount().tolist()) <= {len(labels) // 5, len(labels) // 5 + 1}
    for label in range(10):
        counts = folds[labels == label].bincount(minlength=5)
        assert counts.max() - counts.min() <= 1
    assert torch.equal(folds, assigned_folds(labels, 5, seed=0))
    assert not torch.equal(folds, assigned_folds(labels, 5, seed=1))
    first = folds[labels == 9]
    assert not torch.equal(first, first.sort().values)  # drawn, not dealt in order


def test_no_network_sees_its_fold(tiny_config, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tiny_config(*NOISE, "trainer.max_epochs=1")
    data = assembly.randomized_data(config)
    trainings = []
    monkeypatch.setattr(module, "fit", trainings.append)
    found = out_of_sample(config, data, 4)
    assert found.probabilities.shape == (200, 10)
    assert found.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    held_out = torch.cat([training.data.test.images for training in trainings])
    assert len(held_out) == len(held_out.unique(dim=0)) == len(data.train.images.unique(dim=0))
    for training in trainings:
        together = torch.cat([training.data.train.images, training.data.test.images])
        assert len(training.data.train) == 150
        assert len(together.unique(dim=0)) == len(data.train.images.unique(dim=0))
    weights = [torch.cat([w.flatten() for w in t.network.parameters()]) for t in trainings]
    assert not torch.equal(weights[0], weights[1])


def test_predictions_are_better_than_chance_and_repeat(tiny_config) -> None:
    config = tiny_config("optimizer.lr=0.1", "trainer.max_epochs=5")
    data = assembly.randomized_data(config)
    found, again = (out_of_sample(config, data, 2) for _ in range(2))
    assert found.accuracy > 0.6
    assert np.array_equal(found.probabilities, again.probabilities)


def test_cleanlab_ranks_corrupted_labels_first(tiny_config) -> None:
    pytest.importorskip("cleanlab")
    config = tiny_config(*NOISE, "data.train_limit=600", "trainer.max_epochs=8")
    data = assembly.randomized_data(config)
    found = cleanlab_ranking(config, data, 3)
    assert found.fields["area_under_curve"] > 0.9
    assert found.fields["precision"] > 0.7
    changed = data.train.label_changed.numpy()
    quality = found.arrays["cleanlab_quality"]
    assert quality[changed].mean() < quality[~changed].mean()
    assert "cleanlab:" in found.lines[0]


def test_a_network_that_diverged_gives_no_ranking(tiny_config) -> None:
    pytest.importorskip("cleanlab")
    config = tiny_config("optimizer.lr=1e30", "trainer.max_epochs=2")
    found = cleanlab_ranking(config, assembly.randomized_data(config), 2)
    assert "diverged" in found.fields["why"]
    assert found.arrays == {}


def test_cleanlab_that_is_not_installed_is_refused(
    tiny_config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cleanlab", None)
    monkeypatch.setattr("nullfit.probes.loss_mixture.probe.find_spec", lambda name: None)
    config = tiny_config("probe=loss_mixture", "probe.cleanlab=true")
    with pytest.raises(UserError) as error:
        probes_of(config)
    assert str(error.value) == (
        "probe.cleanlab=true needs a package that is not installed.\n"
        "Install it with pip install 'nullfit[cleanlab]', or use probe.cleanlab=false."
    )
    assert probes_of(tiny_config("probe=loss_mixture")) is not None
