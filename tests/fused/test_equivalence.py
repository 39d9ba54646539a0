"""Trained together, every network ends where it ends alone."""

import pytest
import torch

from nullfit import assembly
from nullfit.fused.pool import Pool
from nullfit.training.fitting import fit
from tests.fused.comparison import assert_the_same, together, training

pytestmark = pytest.mark.slow

EXACT = (
    *("trainer.precision=64-true", "trainer.record_confusion=true"),
    "data.batch_size=32",  # 7 steps an epoch
)
# For networks that take their time: three steps an epoch, the last of fewer samples.
SMALL = ("data.train_limit=40", "data.test_limit=40", "data.batch_size=16")

MEMBERS = {
    # different seeds, levels, rates, momenta and penalties; the first two share their batches
    "mlp": [
        ["trainer.max_epochs=3", "corruption=random_labels", *own]
        for own in (
            ["corruption.probability=0.0", "optimizer.lr=0.1"],
            ["optimizer.lr=0.02", "optimizer.momentum=0.5"],
            ["seed=1", "regularizer=weight_decay", "regularizer.weight_decay.coefficient=0.01"],
            ["seed=2", "optimizer.nesterov=true", "schedule.gamma=0.8"],
        )
    ],
    "batch norm": [
        ["trainer.max_epochs=3", "model=wide_resnet_10", *SMALL, *own]
        for own in ([], ["optimizer.lr=0.02"])
    ],
    "shared and own batches of a convolution": [
        ["trainer.max_epochs=2", "model=wide_resnet_10", *SMALL, *own]
        for own in ([], ["optimizer.lr=0.02"], ["seed=1"])
    ],
    "dropout": [["trainer.max_epochs=2", "model.dropout=0.5", *own] for own in ([], ["seed=1"])],
    "augmented, noisy weights": [
        ["trainer.max_epochs=2", "regularizer=[augmentation,weight_noise]", *own]
        for own in ([], ["seed=1"], ["regularizer.weight_noise.std=0"])
    ],
    "squared error": [
        ["trainer.max_epochs=3", "loss=mse", *own]
        for own in ([], ["optimizer.lr=0.02"], ["seed=1"])
    ],
    "smoothed labels": [
        ["trainer.max_epochs=3", "loss.label_smoothing=0.2", *own] for own in ([], ["seed=1"])
    ],
    "images corrupted anew": [
        ["trainer.max_epochs=2", "corruption=random_pixels", "corruption.fresh=true", *own]
        for own in ([], ["seed=1"])
    ],
    "noisy steps": [
        ["trainer.max_epochs=2", "optimizer=noisy_sgd", "schedule.warmup_epochs=1", *own]
        for own in (
            ["schedule.warmup_factor=0.5"],
            ["schedule.warmup_factor=0.1", "optimizer.noise_std=0.5", "optimizer.lr=0.1"],
            ["schedule.warmup_factor=0.5", "seed=1"],
        )
    ],
    "adam": [
        ["trainer.max_epochs=3", "optimizer=adam", *own]
        for own in ([], ["optimizer.lr=0.01", "optimizer.betas=[0.8,0.9]"])
    ],
    "adamw, one cycle": [
        ["trainer.max_epochs=3", "optimizer=adamw", "schedule=one_cycle", *own]
        for own in ([], ["regularizer=weight_decay", "regularizer.weight_decay.coefficient=0.1"])
    ],
    "until fitted": [
        ["trainer.stop_at_train_accuracy=0.9", *own]
        for own in (["optimizer.lr=0.1"], ["optimizer.lr=0.05"], ["seed=1", "optimizer.lr=0.1"])
    ],
    "initializations of their own, batches in common": [
        ["trainer.max_epochs=2", "corruption=random_labels", f"seeds.initialization={seed}"]
        for seed in (0, 1, 2)
    ],
    "further test sets": [
        [
            *("trainer.max_epochs=2", "corruption=shuffled_pixels"),
            *("data.test_corruptions=[random_pixels,gaussian]", *own),
        ]
        for own in ([], ["seed=1"], ["optimizer.lr=0.02"])
    ],
    "a validation split": [["trainer.max_epochs=2", "data.val_fraction=0.2", "seed=3"]] * 2,
}


@pytest.mark.parametrize("members", MEMBERS.values(), ids=MEMBERS)
def test_weights_and_metrics_are_those_of_each_run_alone(tiny_config, members) -> None:
    assert_the_same([tiny_config(*EXACT, *overrides) for overrides in members])


def test_newcomers_take_the_places_of_those_that_fitted(tiny_config) -> None:
    common = [*EXACT, "optimizer.lr=0.1", "trainer.stop_at_train_accuracy=0.9"]
    assert_the_same([tiny_config(*common, f"seed={seed}") for seed in range(5)], most=2)


def test_one_that_diverges_does_not_touch_the_others(tiny_config) -> None:
    rates = ("1e30", "0.1", "1e200")
    configs = [
        tiny_config(*EXACT, "trainer.max_epochs=3", f"optimizer.lr={rate}") for rate in rates
    ]
    diverged, fine, also_diverged = together(configs)
    assert diverged.outcome.status == also_diverged.outcome.status == "diverged"
    assert fine.outcome.status == "completed"
    alone = training(configs[1])
    fit(alone)
    for name, values in fine.training.network.state_dict().items():
        torch.testing.assert_close(values, alone.network.state_dict()[name], rtol=0, atol=1e-9)
    for ended, config in ((diverged, configs[0]), (also_diverged, configs[2])):
        outcome = fit(training(config))
        assert (ended.outcome.epochs, ended.outcome.steps) == (outcome.epochs, outcome.steps)


def test_equal_images_are_held_once(tiny_config) -> None:
    pool = Pool(torch.device("cpu"), torch.float32)
    seeds = [f"seed={seed}" for seed in (0, 1)]
    noisy, other = (
        pool.share(assembly.randomized_data(tiny_config("corruption=random_labels", seed)))
        for seed in seeds
    )
    assert noisy.train.images.data_ptr() == other.train.images.data_ptr()
    assert noisy.train.labels.data_ptr() != other.train.labels.data_ptr()
    shuffled, again = (
        pool.share(assembly.randomized_data(tiny_config("corruption=random_pixels", seed)))
        for seed in seeds
    )
    assert shuffled.train.images.data_ptr() != again.train.images.data_ptr()
    assert shuffled.test_clean.images.data_ptr() == noisy.test.images.data_ptr()
