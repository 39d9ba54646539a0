"""The whole configuration is compared with the published one, not a list of some keys."""

import copy
from pathlib import Path

import pytest

from nullfit.results.published.figures import published_numbers
from nullfit.results.published.setup import differences, matches
from nullfit.results.published.shipped import shipped
from nullfit.results.settings import flatten
from nullfit.results.study import Run

CELL = [
    "model=inception", "data=cifar10", "regularizer=[weight_decay,random_crop]",
    "trainer.max_epochs=100", "schedule.gamma=0.95", "trainer.stop_at_train_accuracy=null",
]  # fmt: skip
# Who, where and how often, the name of a job; what the source leaves open; what says which number.
IGNORED = (
    *(
        "seed",
        "seeds",
        "study",
        "scale",
        "outputs",
        "job",
        "allow_targets",
        "task",
        "probe",
        "logger",
    ),
    *("data.root", "data.download", "data.cache", "data.name", "model.learning_rate"),
    "data.test_corruptions",
    *("trainer.accelerator", "trainer.devices", "trainer.nodes", "trainer.threads"),
    *("trainer.checkpoint_seconds", "trainer.progress", "trainer.deterministic"),
    *("trainer.evaluate_every", "trainer.evaluate_train_every", "trainer.record_confusion"),
    *("trainer.memory_format", "trainer.compile"),
    *("data.batch_size", "regularizer.weight_decay.coefficient"),
    # another way to say the same on a set of the paper's size
    *("schedule.samples", "trainer.min_samples"),
    *("model.name", "corruption.name"),
)


@pytest.fixture
def run(make_config):
    config = make_config(*CELL).plain()
    result = {
        "task": "train", "status": "completed", "epochs": 100, "metrics": {"train/accuracy": 1.0},
        "data": {"name": "cifar10", "train_samples": 50_000},
    }  # fmt: skip
    return Run(Path("nowhere"), result, config)


def published(run):
    return next(number for number in published_numbers() if matches(run, number))


def changed(run, key, value):
    config = copy.deepcopy(run.config)
    *sections, last = key.split(".")
    section = config
    for name in sections:
        section = section[name]
    section[last] = value
    return Run(run.folder, run.result, config)


def another(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return abs(value - 47)
    return {str: "another", list: [7]}.get(type(value), 7)


def test_the_published_setup_has_no_difference(run):
    assert differences(run, published(run)) == []


def test_every_setting_counts(run):
    number = published(run)
    keys = [
        key
        for key in flatten(run.config)
        if not any(key == ignored or key.startswith(f"{ignored}.") for ignored in IGNORED)
    ]
    assert len(keys) > 20
    run.config["added"] = {}
    for key in (*keys, "schedule.added_tomorrow", "model.added_tomorrow", "added.tomorrow"):
        value = another(flatten(run.config).get(key))
        (told,) = differences(changed(run, key, value), number)
        length = key == "trainer.max_epochs"
        assert told.startswith(
            "53 epochs, fewer" if length else f"{key.removesuffix('.name')}={value}, not "
        )


def test_circumstances_do_not(run):
    for key, value in {
        "trainer.threads": 2, "trainer.evaluate_every": 2, "trainer.deterministic": False,
        "trainer.compile": "default", "data.root": "/elsewhere",
        "data.test_corruptions": ["gaussian"], "seed": 7, "study": "another",
        "probe": {"name": "loss_mixture"},
    }.items():  # fmt: skip
        assert differences(changed(run, key, value), published(run)) == [], key


def test_a_setting_that_an_older_run_knows_nothing_of_is_not_asked_for(run):
    older = copy.deepcopy(run.config)
    del older["optimizer"]["nesterov"], older["trainer"]["tf32"]
    assert differences(Run(run.folder, run.result, older), published(run)) == []


def test_the_epochs_that_were_run_count_where_none_were_asked_for(run):
    number, endless = published(run), changed(run, "trainer.max_epochs", None)
    assert differences(endless, number) == []
    run.result["epochs"] = 40
    assert differences(endless, number) == ["40 epochs, fewer than 60"]
    stopped = changed(endless, "trainer.stop_at_train_accuracy", 1.0)
    assert differences(stopped, number) == ["trainer.stop_at_train_accuracy=1.0, not null"]


def test_several_processes_are_told(run):
    (told,) = differences(changed(run, "trainer.devices", 2), published(run))
    assert told == "trainer.processes=2, not null"


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["data=cifar10", "model=wide_resnet", "schedule=multistep", "optimizer=adam"],
        ["model=alexnet", "regularizer=[dropout,augmentation]", "corruption=random_labels"],
        ["task=kernel", "data=mnist"],
    ],
)
def test_shipped_settings_are_those_that_hydra_composes(make_config, overrides):
    composed = make_config(*overrides).plain()
    options = {
        g: composed[g]["name"]
        for g in ("task", "model", "data", "corruption", "optimizer", "schedule")
    }
    chosen = [name for name, value in composed["regularizer"].items() if value]
    own = shipped(options, chosen)
    for section in composed:
        if section not in ("job", "outputs"):
            assert own[section] == composed[section], section


def test_an_option_of_the_users_own_has_no_shipped_settings():
    own = shipped({"model": "my_network"})
    assert "model" not in own
    assert own["optimizer"]["name"] == "sgd"
