"""Training: what it computes, when it stops, and that it repeats to the bit."""

import math
import os
import re
import signal
from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from nullfit import assembly
from nullfit.console.progress import Progress
from nullfit.errors import UserError
from nullfit.seeds import generator
from nullfit.training.fitting import fit
from nullfit.training.training import Fit

EACH = "trainer.evaluate_train_every=1"
EXACT = {"train/loss", "train/accuracy"}


def run(config, **changes) -> tuple[torch.nn.Module, Fit]:
    data = assembly.randomized_data(config)
    network = assembly.network(config, data.input_shape, len(data.classes))
    return network, fit(replace(assembly.training(config, network, data), **changes))


def weights(network: torch.nn.Module) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


def test_is_plain_sgd_with_momentum_and_exponential_decay(tiny_config) -> None:
    config = tiny_config("trainer.max_epochs=3", "data.batch_size=64", "schedule.samples=200")
    trained, _ = run(config)
    data = assembly.randomized_data(config)
    bare = assembly.network(config, data.input_shape, len(data.classes))
    optimizer = torch.optim.SGD(bare.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(3):
        for group in optimizer.param_groups:
            group["lr"] = 0.01 * 0.95**epoch
        order = torch.randperm(200, generator=generator(config.seed, "order", epoch))
        for chosen in order.split(64):
            optimizer.zero_grad()
            logits = bare(data.train.images[chosen])
            functional.cross_entropy(logits, data.train.labels[chosen]).backward()
            optimizer.step()
    torch.testing.assert_close(weights(trained), weights(bare), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["corruption=random_labels", "corruption.fresh=true"],
        ["model.dropout=0.5", "regularizer=[augmentation,weight_noise,weight_decay]"],
        ["model=wide_resnet_10", "data.train_limit=40", "optimizer=adamw", "schedule=one_cycle"],
    ],
    ids=["plain", "fresh", "noisy", "convolutional"],
)
def test_equal_seeds_give_equal_bits_and_other_seeds_do_not(tiny_config, overrides) -> None:
    first, again, other = (
        weights(run(tiny_config("trainer.max_epochs=2", f"seed={seed}", *overrides))[0])
        for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_the_global_generator_is_left_alone(tiny_config) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    run(tiny_config("trainer.max_epochs=1"))
    assert torch.equal(torch.rand(3), expected)


def test_stops_once_the_exact_training_accuracy_is_reached(tiny_config) -> None:
    config = tiny_config("optimizer.lr=0.1", "trainer.stop_at_train_accuracy=0.9", EACH)
    _, outcome = run(config)
    assert outcome.epochs < 100
    assert outcome.steps == 2 * outcome.epochs
    assert outcome.metrics["train/accuracy"] >= 0.9
    assert all(row["train/accuracy"] < 0.9 for row in outcome.rows[:-1])


@pytest.mark.parametrize("stop", ["null", "0.9", "1.0"])
def test_where_a_run_stops_does_not_change_when_its_set_counts_as_fitted(tiny_config, stop) -> None:
    stopping = f"trainer.stop_at_train_accuracy={stop}"
    _, outcome = run(tiny_config("optimizer.lr=0.1", "trainer.max_epochs=60", stopping))
    _, watched = run(tiny_config("optimizer.lr=0.1", "trainer.max_epochs=60", EACH))
    reached = [row["epoch"] for row in watched.rows if row["train/accuracy"] >= 0.99]
    assert outcome.threshold == 0.99
    assert outcome.epochs_to_fit == (None if stop == "0.9" else reached[0])
    assert (outcome.epochs == 60) is (stop == "null")


def test_without_a_length_a_small_set_is_trained_on_as_long_as_the_papers(tiny_config) -> None:
    trainer = tiny_config().trainer
    assert trainer.epochs(50_000, 128) == 100  # Zhang et al. 2017: CIFAR-10
    assert trainer.epochs(60_000, 128) == 100
    assert trainer.epochs(5_000, 128) == 1_000
    assert trainer.epochs(10, 128) == 39_063  # a step counts as a whole batch
    assert trainer.model_copy(update={"max_epochs": 7}).epochs(5_000, 128) == 7


def test_by_default_a_run_ends_once_every_random_label_is_fitted(tiny_config) -> None:
    _, outcome = run(tiny_config("corruption=random_labels", "trainer.stop_at_train_accuracy=1.0"))
    assert outcome.metrics["train/accuracy"] == 1.0
    assert outcome.epochs > 100
    assert outcome.epochs_to_fit <= outcome.epochs < 1_000


def test_exactly_the_threshold_is_enough_and_a_little_less_is_not(tiny_config) -> None:
    _, whole = run(tiny_config("optimizer.lr=0.1", "trainer.max_epochs=8", EACH))
    accuracies = [row["train/accuracy"] for row in whole.rows]
    best = accuracies.index(max(accuracies[:6]))
    for threshold, epochs in ((accuracies[best], best + 1), (accuracies[best] + 1e-6, best + 2)):
        stop = f"trainer.stop_at_train_accuracy={threshold}"
        _, outcome = run(tiny_config("optimizer.lr=0.1", "trainer.max_epochs=8", stop))
        assert outcome.epochs >= epochs
        if threshold == accuracies[best]:
            assert outcome.epochs == epochs


def test_time_to_fit_is_recorded_where_training_goes_on(tiny_config) -> None:
    config = tiny_config(
        "optimizer.lr=0.1",
        "trainer.fit_threshold=0.9",
        "trainer.stop_at_train_accuracy=null",
        "trainer.max_epochs=30",
        EACH,
    )
    _, outcome = run(config)
    assert outcome.epochs == 30
    assert outcome.epochs_to_fit is not None
    assert outcome.epochs_to_fit < 30
    first = next(row for row in outcome.rows if row["train/accuracy"] >= 0.9)
    assert first["epoch"] == outcome.epochs_to_fit


def test_never_fitted_is_none(tiny_config) -> None:
    _, outcome = run(tiny_config("corruption=random_labels", "trainer.max_epochs=1"))
    assert outcome.epochs_to_fit is None
    assert outcome.steps_to_fit is None


def test_a_loss_that_is_not_finite_ends_the_run(tiny_config) -> None:
    _, outcome = run(tiny_config("optimizer.lr=1e30", "trainer.max_epochs=50"))
    assert outcome.status == "diverged"
    assert outcome.epochs < 50


def test_full_evaluation_every_few_epochs_and_at_the_end(tiny_config) -> None:
    _, outcome = run(tiny_config("trainer.evaluate_every=3", "trainer.max_epochs=7"))
    evaluated = [row["epoch"] for row in outcome.rows if "test/accuracy" in row]
    assert evaluated == [3, 6, 7]
    assert all("train/running_loss" in row for row in outcome.rows)


def test_the_training_set_is_evaluated_in_full_only_where_that_decides(tiny_config) -> None:
    common = (
        *("optimizer.lr=0.1", "trainer.max_epochs=12", "trainer.fit_threshold=0.9"),
        "model.hidden=[2000]",
    )
    _, each = run(tiny_config(*common, EACH))
    _, deciding = run(tiny_config(*common))
    _, every_five = run(tiny_config(*common, "trainer.evaluate_train_every=5"))
    fitted = each.epochs_to_fit
    assert fitted in range(2, 12)
    assert fitted == deciding.epochs_to_fit == every_five.epochs_to_fit
    assert deciding.metrics == each.metrics
    for outcome, expected in ((deciding, {fitted, 12}), (every_five, {5, 10, fitted, 12})):
        exact = {row["epoch"]: row["train/accuracy"] for row in outcome.rows if set(row) >= EXACT}
        assert exact == {epoch: each.rows[epoch - 1]["train/accuracy"] for epoch in expected}
        assert all("test/accuracy" in row for row in outcome.rows)


def test_a_small_set_is_evaluated_in_full_each_time(tiny_config) -> None:
    _, each = run(tiny_config("trainer.max_epochs=4", EACH))
    _, default = run(tiny_config("trainer.max_epochs=4"))
    assert [row["train/accuracy"] for row in default.rows] == [
        row["train/accuracy"] for row in each.rows
    ]
    _, seldom = run(tiny_config("trainer.max_epochs=4", "trainer.evaluate_every=2"))
    assert [row["epoch"] for row in seldom.rows if "train/accuracy" in row] == [2, 4]


def test_weight_noise_is_gone_at_evaluation(tiny_config) -> None:
    noisy, _ = run(tiny_config("trainer.max_epochs=2", "regularizer=weight_noise"))
    clean, _ = run(tiny_config("trainer.max_epochs=2"))
    none, _ = run(
        tiny_config(
            "trainer.max_epochs=2", "regularizer=weight_noise", "regularizer.weight_noise.std=0"
        )
    )
    assert torch.equal(weights(none), weights(clean))
    distance = (weights(noisy) - weights(clean)).abs().max()
    assert 0 < distance < 0.1  # gradients differ; the noise itself never stays in the weights


def test_weight_decay_is_an_l2_penalty(tiny_config) -> None:
    plain, _ = run(tiny_config("trainer.max_epochs=2"))
    decayed, _ = run(
        tiny_config(
            "trainer.max_epochs=2",
            "regularizer=weight_decay",
            "regularizer.weight_decay.coefficient=0.5",
        )
    )
    assert weights(decayed).norm() < 0.97 * weights(plain).norm()


def test_a_gpu_that_is_not_there_is_refused(tiny_config) -> None:
    if torch.cuda.is_available():
        assert run(tiny_config("trainer=gpu", "trainer.max_epochs=1"))[1].device != "cpu"
    else:
        with pytest.raises(UserError, match="trainer=gpu: torch finds no GPU"):
            run(tiny_config("trainer=gpu"))


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("constant", [0.01] * 4),
        ("exponential", [0.01 * 0.95 ** (epoch * 200 / 50_000) for epoch in range(4)]),
        ("multistep", [0.01, 0.01, 0.001, 0.001]),
        ("linear", [0.01, 0.0075, 0.005, 0.0025]),
        ("cosine", [0.01, 0.00853553, 0.005, 0.00146447]),
    ],
)
def test_schedules(tiny_config, schedule: str, rates: list[float]) -> None:
    milestones = ["schedule.milestones=[2]"] if schedule == "multistep" else []
    _, outcome = run(tiny_config(f"schedule={schedule}", *milestones, "trainer.max_epochs=4"))
    assert [row["lr"] for row in outcome.rows] == pytest.approx(rates, rel=1e-5)


@pytest.mark.parametrize(
    ("settings", "factors"),
    [
        (
            "linear .start_factor=0.25 .end_factor=1.0 .epochs=3",
            [0.25, 0.5, 0.75, 1, 1, 1],
        ),
        (
            "multistep .milestones=[2] .warmup_epochs=2 .warmup_factor=0.5",
            [0.5, 0.75, 1, 1, 0.1, 0.1],
        ),
        (
            "cosine .warmup_epochs=2 .warmup_factor=0.1",
            [0.1, 0.55, *(0.5 * (1 + math.cos(math.pi * epoch / 4)) for epoch in range(4))],
        ),
    ],
)
def test_a_rate_that_rises_first(tiny_config, settings: str, factors: list[float]) -> None:
    words = f"={settings}".split()
    _, outcome = run(tiny_config(*(f"schedule{word}" for word in words), "trainer.max_epochs=6"))
    assert [row["lr"] for row in outcome.rows] == pytest.approx([0.01 * f for f in factors])


@pytest.mark.parametrize("samples", ["null", "200", "70"])
def test_a_rate_decays_after_each_epoch_that_has_the_samples_for_it(tiny_config, samples) -> None:
    _, outcome = run(tiny_config(f"schedule.samples={samples}", "trainer.max_epochs=4"))
    rate, expected = 0.01, []
    for _ in range(4):
        expected.append(rate)
        rate *= 0.95
    assert [row["lr"] for row in outcome.rows] == expected  # to the bit, as in the paper


def test_one_cycle_rises_and_falls_over_the_steps(tiny_config) -> None:
    _, outcome = run(tiny_config("schedule=one_cycle", "trainer.max_epochs=20"))
    rates = [row["lr"] for row in outcome.rows]
    highest = rates.index(max(rates))
    assert 4 <= highest <= 7
    assert max(rates) == pytest.approx(0.01, rel=0.05)
    assert rates[-1] < 0.01 / 100


def test_lightning_leaves_the_jobs_of_a_cluster_alone(tiny_config, monkeypatch, tmp_path) -> None:
    (tmp_path / "srun").touch(mode=0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SLURM_JOB_ID": "7"}
    # A job of two tasks, in which Lightning would look for its other half and wait.
    environment |= {"SLURM_NTASKS": "2", "SLURM_JOB_NAME": "sweep", "SLURM_PROCID": "1"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    config = tiny_config("trainer.max_epochs=1")
    assert run(config)[1].epochs == 1
    assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL


def test_progress_tells_the_epoch_what_is_reached_and_how_much_is_done(
    tiny_config, monkeypatch
) -> None:
    told, at = [], Progress.at

    def spied(progress, done, text=None):
        at(progress, done, text)
        told.append((done, progress.text))

    monkeypatch.setattr(Progress, "at", spied)
    run(tiny_config("trainer.max_epochs=3", "trainer.progress=true", "data.batch_size=100"))
    assert [done for done, _ in told] == [0, 0.5, 1, 1, 1.5, 2, 2, 2.5, 3]
    assert told[0][1] == "epoch 1/3"
    assert re.fullmatch(r"epoch 3/3  train [\d.]+% test [\d.]+%", told[-1][1])
