"""The probe by itself: it is handed losses and says which labels were corrupted."""

import numpy as np
import pytest
import torch
from torch import Tensor

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.data.randomized_data import RandomizedData
from nullfit.errors import UserError
from nullfit.probes.loss_mixture.probe import LossMixture
from nullfit.probes.loss_mixture.separation import Separation
from nullfit.runs.probes import probes_of

QUALITY = ("precision", "recall", "area_under_curve")


@pytest.fixture
def config(tiny_config) -> RunConfig:
    return tiny_config(
        "probe=loss_mixture", "corruption=random_labels", "corruption.probability=0.5"
    )


def losses_of(data: RandomizedData, epoch: int) -> Tensor:
    """Losses as of a network that learns the true labels: corrupted ones stay above the rest."""
    noise = torch.rand(len(data.train), generator=torch.Generator().manual_seed(epoch))
    return torch.where(data.train.label_changed, 2.5 + noise, 0.5 * noise)


def finished(config: RunConfig, *losses: Tensor, data: RandomizedData | None = None):
    probe = LossMixture(config, **config.probe.settings)
    for epoch, some in enumerate(losses, start=1):
        probe.after_epoch(epoch, some)
    return probe.finish(data or assembly.randomized_data(config))


@pytest.mark.parametrize("mixture", ["beta", "gaussian"])
@pytest.mark.parametrize("kind", ["mean", "last"])
def test_separate_losses_are_told_apart(tiny_config, mixture: str, kind: str) -> None:
    config = tiny_config(
        "probe=loss_mixture", f"probe.mixture={mixture}", f"probe.losses={kind}",
        "corruption=random_labels", "corruption.probability=0.5",
    )  # fmt: skip
    data = assembly.randomized_data(config)
    found = finished(config, *(losses_of(data, epoch) for epoch in range(3)), data=data)
    fields, changed = found.fields, data.train.label_changed.numpy()
    assert [fields[name] for name in QUALITY] == [1, 1, 1]
    assert fields["true_noise_level"] == data.labels_changed
    assert fields["estimated_noise_level"] == pytest.approx(data.labels_changed, abs=0.02)
    assert fields["epochs_recorded"] == 3
    assert ((found.arrays["posterior"] > 0.5) == changed).all()
    assert found.figure is not None
    assert "labels look corrupted, precision 1.000" in found.lines[0]


def test_scores_are_the_last_losses_or_their_mean(config: RunConfig) -> None:
    data = assembly.randomized_data(config)
    first, second = losses_of(data, 1), losses_of(data, 2)
    last = replace_settings(config, losses="last")
    for settings, expected in ((config, (first + second) / 2), (last, second)):
        found = finished(settings, first, second, data=data)
        shown = Separation.of_arrays(found.arrays)
        assert shown is not None
        assert shown.scores == pytest.approx(expected.numpy())
        assert found.arrays["losses"] == pytest.approx(torch.stack([first, second]), abs=2e-3)


def replace_settings(config: RunConfig, **changes: object) -> RunConfig:
    return config.model_copy(update={"probe": config.probe.model_copy(update=changes)})


def test_areas_are_by_epoch_of_the_losses_and_of_their_mean(config: RunConfig) -> None:
    data = assembly.randomized_data(config)
    good = losses_of(data, 1)
    found = finished(config, good, -good + 10, data=data)
    shown = Separation.of_arrays(found.arrays)
    assert shown is not None
    assert shown.epochs.tolist() == [1, 2]
    assert shown.areas == pytest.approx(np.array([[1, 1], [0, 0.5]]), abs=0.2)
    assert shown.areas[1, 0] == 0


def test_without_corrupted_labels_nothing_is_claimed(tiny_config) -> None:
    config = tiny_config("probe=loss_mixture")
    found = finished(config, torch.rand(200))
    assert [found.fields[name] for name in QUALITY] == [None] * 3
    assert found.fields["true_noise_level"] == 0
    assert 0 < found.fields["estimated_noise_level"] < 1
    assert found.figure is not None
    assert len(found.figure.panels) == 1  # no curve of an area that is not defined


def test_losses_that_are_not_finite_are_left_out(config: RunConfig) -> None:
    data = assembly.randomized_data(config)
    broken = losses_of(data, 2)
    broken[7] = torch.nan
    found = finished(config, losses_of(data, 1), broken, broken * torch.inf, data=data)
    assert found.fields["epochs_recorded"] == 1
    assert finished(config, broken, data=data).fields["why"].startswith("no losses")


def test_equal_losses_have_no_two_components(config: RunConfig) -> None:
    found = finished(config, torch.full((200,), 2.3))
    assert found.fields["why"] == "all losses are equal: there are no two components"
    assert [found.fields[name] for name in QUALITY] == [None] * 3
    assert found.figure is None


def test_huge_losses_do_not_overflow_the_recorded_array(config: RunConfig) -> None:
    data = assembly.randomized_data(config)
    arrays = finished(config, 1e6 * losses_of(data, 1), data=data).arrays
    assert arrays["losses"].dtype == np.float32
    assert np.isfinite(arrays["losses"]).all()
    assert finished(config, losses_of(data, 1), data=data).arrays["losses"].dtype == np.float16


def test_what_is_recorded_is_a_copy(config: RunConfig) -> None:
    data = assembly.randomized_data(config)
    losses = losses_of(data, 1)
    probe = LossMixture(config, **config.probe.settings)
    probe.after_epoch(1, losses)
    losses.zero_()
    assert probe.finish(data).fields["area_under_curve"] == 1


def test_state_goes_on_where_it_was(config: RunConfig, tmp_path) -> None:
    data = assembly.randomized_data(config)
    whole, first, second = (LossMixture(config, **config.probe.settings) for _ in range(3))
    for epoch in (1, 2, 3):
        whole.after_epoch(epoch, losses_of(data, epoch))
    first.after_epoch(1, losses_of(data, 1))
    torch.save(first.state_dict(), tmp_path / "state")
    second.load_state_dict(torch.load(tmp_path / "state", weights_only=True))
    for epoch in (2, 3):
        second.after_epoch(epoch, losses_of(data, epoch))
    expected, found = whole.finish(data), second.finish(data)
    assert found.fields == expected.fields
    for name, array in expected.arrays.items():
        assert np.array_equal(found.arrays[name], array)


def test_separation_survives_its_arrays(config: RunConfig) -> None:
    data = assembly.randomized_data(config)
    arrays = finished(config, losses_of(data, 1), data=data).arrays
    shown = Separation.of_arrays(arrays)
    assert shown is not None
    assert all(np.array_equal(arrays[name], array) for name, array in shown.arrays().items())
    assert Separation.of_arrays({"confusion_matrix": np.eye(2)}) is None


def test_labels_drawn_anew_each_epoch_are_refused(tiny_config) -> None:
    fresh = ("corruption=random_labels", "corruption.fresh=true")
    config = tiny_config("probe=loss_mixture", *fresh)
    with pytest.raises(UserError, match=r"impossible with corruption\.fresh=true") as error:
        probes_of(config)
    assert "Use corruption.fresh=false" in str(error.value)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("probe.mixture=uniform", "probe.mixture=uniform is not allowed: it must be 'beta' or"),
        ("probe.losses=all", "probe.losses=all is not allowed: it must be 'mean' or 'last'."),
        ("probe.folds=1", "probe.folds=1 is not allowed: it must be greater than or equal to 2."),
        ("probe.fold=2", "probe.fold is not a setting. Did you mean probe.folds?"),
    ],
)
def test_wrong_settings_are_refused(tiny_config, override: str, message: str) -> None:
    with pytest.raises(UserError) as error:
        tiny_config("probe=loss_mixture", override)
    assert str(error.value).startswith(message)
