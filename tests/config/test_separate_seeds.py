"""Seeds of the corruption, of the initial weights and of the order, apart from the one of all."""

from pathlib import Path

import pytest
import torch

from nullfit import assembly
from nullfit.config.identity import config_hash
from nullfit.config.schema import RunConfig
from nullfit.results.grouping import groups_of
from nullfit.results.task_run import TaskRun

LABELS = ("corruption=random_labels", "data.train_limit=200")


def parts(config: RunConfig) -> dict[str, torch.Tensor]:
    """What is drawn: labels, weights, and the order of the first batches."""
    data = assembly.randomized_data(config)
    network = assembly.network(config, data.input_shape, 10)
    training = assembly.training(config, network, data)
    return {
        "corruption": data.train.labels,
        "initialization": next(network.parameters()).detach(),
        "order": torch.tensor(training.seed),
    }


@pytest.mark.parametrize("part", ["corruption", "initialization", "order"])
def test_one_part_is_that_of_its_own_seed_and_all_others_stay(make_config, part: str) -> None:
    zero, one = (parts(make_config(*LABELS, f"seed={seed}")) for seed in (0, 1))
    found = parts(make_config(*LABELS, "seed=0", f"seeds.{part}=1"))
    for name, values in found.items():
        assert torch.equal(values, (one if name == part else zero)[name]), name
        assert not torch.equal(zero[name], one[name]), name


def test_seeds_that_are_not_given_are_no_part_of_a_run(make_config) -> None:
    config = make_config(*LABELS)
    earlier = {key: value for key, value in config.plain().items() if key != "seeds"}
    assert config_hash(earlier) == config_hash(config.plain())
    own = make_config(*LABELS, "seeds.order=0")
    assert config_hash(own.plain()) != config_hash(config.plain())
    assert "-seed0_order0-" in own.job


def test_runs_that_differ_in_seeds_alone_are_repetitions(make_config) -> None:
    configs = [make_config(*LABELS, f"seeds.initialization={seed}") for seed in range(3)]
    result = {"task": "train", "corruption": {"name": "random_labels", "probability": 1.0}}
    runs = [TaskRun(Path(config.job), result, config.plain()) for config in configs]
    (group,) = groups_of(runs)
    assert len(group.runs) == 3
