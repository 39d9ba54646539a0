"""Every option of every group composes and is accepted."""

from pathlib import Path

import pytest

from nullfit.config.composer import composer, config_folder
from nullfit.config.plan import compose_grid

GROUPS = {
    "task": {"train", "evaluate", "show", "summary", "table"},
    "data": {
        *("digits", "mnist", "fashion_mnist", "cifar10", "cifar100", "svhn", "image_folder"),
        "gaussian",
    },
    "model": {
        *("inception", "inception_no_bn", "inception_flat_head", "mini_googlenet", "alexnet"),
        *("mlp", "mlp_1x512", "mlp_3x512", "mlp_128x64", "lenet", "wide_resnet", "cnn_15x15"),
        *("forgetting_cnn", "torchvision"),
    },
    "corruption": {
        *("none", "random_labels", "shuffled_labels", "pair_flip_labels", "shuffled_pixels"),
        *("random_pixels", "gaussian", "uniform_pixels", "gaussian_noise", "shuffled_patches"),
        "chain",
    },
    "loss": {"cross_entropy", "mse"},
    "optimizer": {"sgd", "noisy_sgd", "adam", "adamw"},
    "schedule": {"constant", "exponential", "multistep", "linear", "cosine", "one_cycle"},
    "regularizer": {
        *("none", "weight_decay", "random_crop", "augmentation", "dropout", "weight_noise"),
    },
    "trainer": {"auto", "cpu", "gpu", "ddp"},
    "probe": {"none", "dynamics", "gradients", "loss_mixture"},
    "logger": {"wandb", "csv", "tensorboard"},
}

# What an option cannot be chosen without.
COMPANIONS = {
    "shuffled_entries": ["task=factorization"],
    "gaussian_entries": ["task=factorization"],
}


def options(group: str) -> list[str]:
    return sorted(path.stem for path in (config_folder() / group).glob("*.yaml"))


@pytest.mark.parametrize("group", GROUPS)
def test_the_promised_options_are_there(group: str) -> None:
    assert GROUPS[group] <= set(options(group))


@pytest.mark.parametrize(
    ("group", "option"), [(group, option) for group in GROUPS for option in options(group)]
)
def test_option_composes_and_is_accepted(make_config, group: str, option: str) -> None:
    config = make_config(f"{group}={option}", *COMPANIONS.get(option, []))
    if group == "regularizer":
        assert option == "none" or getattr(config.regularizer, option) is not None
    elif group == "trainer":
        assert config.trainer.accelerator == ("auto" if option == "ddp" else option)
    else:
        assert getattr(config, group).name == option


@pytest.mark.parametrize("path", sorted(config_folder().glob("*/*.yaml")), ids=lambda p: p.stem)
def test_every_setting_is_explained(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if line.strip()]
    for number, line in enumerate(lines):
        key, _, value = line.partition(":")
        is_setting = value.strip() and not line.startswith(("#", "-", " ", "name", "_target_"))
        if is_setting and path.parent.name not in ("experiment", "trainer", "scale"):
            above = lines[number - 1].startswith("#") if number else False
            assert "#" in value or above or path.parent.name == "schedule", f"{path}: {key}"


def test_several_regularizers_at_once(make_config) -> None:
    config = make_config("regularizer=[weight_decay,weight_noise]")
    assert config.regularizer.weight_decay is not None
    assert config.regularizer.weight_noise is not None
    assert config.regularizer.dropout is None


@pytest.mark.parametrize(
    ("model", "rate"), [("inception", 0.1), ("alexnet", 0.01), ("mlp_3x512", 0.01)]
)
def test_learning_rate_is_that_of_the_study_for_each_network(make_config, model, rate) -> None:
    assert make_config(f"model={model}").optimizer.settings["lr"] == rate
    given = make_config(f"model={model}", "optimizer.lr=0.5")
    assert given.optimizer.settings["lr"] == 0.5


def test_a_grid_is_the_product_of_its_sweeps() -> None:
    with composer():
        overrides = ["model=inception,mlp_1x512", "corruption=none,random_labels", "seed=0,1,2"]
        plan = compose_grid(overrides, multirun=True)
        is_grid, configs = plan.multirun, plan.configs
    assert is_grid
    assert len(configs) == len({config.job for config in configs}) == 12


def test_a_key_of_a_list_option_is_swept_like_any_other() -> None:
    with composer():
        overrides = ["corruption=random_labels", "corruption.probability=0,0.5,1"]
        configs = compose_grid(overrides, multirun=True).configs
    assert [config.corruption.probability for config in configs] == [0, 0.5, 1]


def test_the_demonstration_is_a_grid_of_ten() -> None:
    with composer():
        plan = compose_grid(["experiment=digits"], multirun=False)
        is_grid, configs = plan.multirun, plan.configs
    assert is_grid
    assert len(configs) == 10
    assert {config.study for config in configs} == {"digits"}
