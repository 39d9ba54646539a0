"""The losses: their formulas, and that what is trained and measured uses the chosen one."""

import numpy as np
import pytest
import torch
from torch.func import vmap

from nullfit import assembly
from nullfit.config.identity import config_hash
from nullfit.config.recall import recalled
from nullfit.config.schema import RunConfig
from nullfit.errors import UserError
from nullfit.losses import cross_entropy, mse
from nullfit.tasks.train.task import train
from nullfit.training.fitting import fit

RANDOM = torch.Generator().manual_seed(0)
LOGITS = torch.randn(7, 5, dtype=torch.float64, generator=RANDOM)
LABELS = torch.tensor([0, 1, 2, 3, 4, 0, 1])
FAST = ("trainer.max_epochs=2", "data.train_limit=100", "data.test_limit=60")


def test_the_squared_error_is_that_to_the_one_hot_label() -> None:
    expected = torch.nn.MSELoss()(LOGITS, torch.nn.functional.one_hot(LABELS, 5).double())
    torch.testing.assert_close(mse(LOGITS, LABELS), expected)
    assert mse(LOGITS, LABELS, "none").shape == (7,)
    torch.testing.assert_close(mse(LOGITS, LABELS, "none").mean(), expected)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_smoothed_labels_are_even_over_all_classes(smoothing) -> None:
    logits, labels = LOGITS.numpy(), LABELS.numpy()
    wanted = np.full((7, 5), smoothing / 5)
    wanted[np.arange(7), labels] += 1 - smoothing
    log_p = np.log(np.exp(logits) / np.exp(logits).sum(1, keepdims=True))
    expected = -(wanted * log_p).sum(1)
    found = cross_entropy(LOGITS, LABELS, "none", label_smoothing=smoothing)
    np.testing.assert_allclose(found, expected)
    mean = cross_entropy(LOGITS, LABELS, label_smoothing=smoothing)
    assert float(mean) == pytest.approx(expected.mean())


@pytest.mark.parametrize("loss", [mse, cross_entropy])
def test_a_loss_can_be_mapped_over_networks(loss) -> None:
    both = torch.stack([LOGITS, 2 * LOGITS])
    found = vmap(loss)(both, torch.stack([LABELS, LABELS]))
    torch.testing.assert_close(found, torch.stack([loss(LOGITS, LABELS), loss(2 * LOGITS, LABELS)]))


@pytest.mark.parametrize("chosen", ["loss=mse", "loss.label_smoothing=0.2"])
def test_the_chosen_loss_is_trained_and_measured(tiny_config, chosen) -> None:
    config = tiny_config(*FAST, chosen)
    data = assembly.randomized_data(config)
    network = assembly.network(config, data.input_shape, len(data.classes))
    loss = assembly.loss(config)
    step = assembly.training(config, network, data)
    outcome = fit(step)
    network.eval()
    with torch.no_grad():
        logits = network(data.test.images)
    expected = float(loss(logits, data.test.labels))
    assert outcome.metrics["test/loss"] == pytest.approx(expected, rel=1e-5)
    plain = float(cross_entropy(logits, data.test.labels))
    assert outcome.metrics["test/loss"] != pytest.approx(plain, rel=1e-2)


def test_one_step_follows_the_gradient_of_the_chosen_loss(tiny_config) -> None:
    config = tiny_config(
        *("loss=mse", "trainer.max_epochs=1", "data.train_limit=50", "data.batch_size=50"),
        *("optimizer.lr=0.5", "optimizer.momentum=0.0", "trainer.precision=64-true"),
    )
    data = assembly.randomized_data(config)
    network = assembly.network(config, data.input_shape, len(data.classes))
    twin = assembly.network(config, data.input_shape, len(data.classes)).double()
    fit(assembly.training(config, network, data))
    found = mse(twin(data.train.images.double()), data.train.labels)
    found.backward()
    for moved, weight in zip(network.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(moved.detach(), (weight - 0.5 * weight.grad).detach())


def test_what_is_no_choice_is_no_part_of_a_run(tiny_config) -> None:
    before, smoothed = tiny_config(), tiny_config("loss.label_smoothing=0.1")
    assert before == tiny_config("loss=cross_entropy", "loss.label_smoothing=0")
    assert "loss" not in before.plain()
    without = {key: value for key, value in before.plain().items() if key != "loss"}
    assert config_hash(without) == config_hash(before.plain())
    assert RunConfig.model_validate(without) == before  # as earlier versions stored it
    other = tiny_config("loss=mse")
    assert len({run.job for run in (before, smoothed, other)}) == 3
    assert "loss=mse" in recalled(other.plain(), [])
    assert "++loss.label_smoothing=0.1" in recalled(smoothed.plain(), [])


@pytest.mark.parametrize("task", ["kernel", "memorization"])
def test_tasks_without_a_loss_of_choice_refuse_one(tiny_config, task) -> None:
    from nullfit.config.stacked_training import refuse_unsupported
    from nullfit.config.untrained import refuse_meaningless

    refuse = refuse_meaningless if task == "kernel" else refuse_unsupported
    config = tiny_config(f"task={task}", "loss=mse")
    with pytest.raises(UserError, match="loss=mse"):
        refuse(config)


def test_the_result_says_which_loss(tiny_config, tmp_path) -> None:
    config = tiny_config(*FAST, "loss=mse")
    folder = tmp_path / config.job
    train(config, folder)
    assert "name: mse" in (folder / "config.yaml").read_text(encoding="utf-8")
