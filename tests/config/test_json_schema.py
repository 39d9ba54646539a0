"""The JSON schema of the settings accepts what nullfit does, and underlines what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from omegaconf import OmegaConf

from nullfit.config import json_schema
from nullfit.config.composer import composer, config_folder
from nullfit.config.json_schema import local_schema, settings_schema
from nullfit.config.local import KEYS
from nullfit.config.schema import RunConfig
from tests.commands import run_command

CONF = config_folder()
FILES = [CONF / "config.yaml", *sorted(CONF.glob("experiment/*.yaml"))]
GROUPS = (
    "data",
    "model",
    "corruption",
    "loss",
    "optimizer",
    "schedule",
    "probe",
    "logger",
    "trainer",
)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    with composer():
        return settings_schema()


@pytest.fixture(scope="module")
def local() -> dict[str, Any]:
    with composer():
        return local_schema()


def faults(schema: dict[str, Any], content: Any) -> list[str]:
    found = Draft7Validator(schema).iter_errors(content)
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in found]


def read(path: Path) -> Any:
    return OmegaConf.to_container(OmegaConf.load(path), resolve=False)


def test_it_is_a_schema(schema: dict[str, Any], local: dict[str, Any]) -> None:
    Draft7Validator.check_schema(schema)
    Draft7Validator.check_schema(local)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_accepts_every_experiment(schema: dict[str, Any], path: Path) -> None:
    assert faults(schema, read(path)) == []


@pytest.mark.parametrize(
    "path",
    [path for group in GROUPS for path in sorted((CONF / group).glob("*.yaml"))],
    ids=lambda path: f"{path.parent.name}={path.stem}",
)
def test_an_experiment_may_set_what_an_option_has(schema: dict[str, Any], path: Path) -> None:
    content = read(path)
    if "# @package _global_" in path.read_text():
        assert faults(schema, content) == []
    else:
        content.pop("defaults", None)
        assert faults(schema, {path.parent.name: content}) == []


@pytest.mark.parametrize("path", sorted(CONF.glob("task/*.yaml")), ids=lambda path: path.stem)
def test_an_experiment_may_set_what_a_task_has(schema: dict[str, Any], path: Path) -> None:
    content = read(path)
    assert faults(schema, content if "task" in content else {"task": content}) == []


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ({"sed": 1}, ""),
        ({"seed": -1}, "seed"),
        ({"trainer": {"max_epoch": 3}}, "trainer"),
        ({"trainer": {"max_epochs": 0}}, "trainer.max_epochs"),
        ({"trainer": {"max_epochs": "many"}}, "trainer.max_epochs"),
        ({"trainer": {"precision": "8-true"}}, "trainer.precision"),
        ({"model": {"hiden": [3]}}, "model"),
        ({"model": "mlp"}, "model"),
        ({"optimizer": {"learning_rate": 0.1}}, "optimizer"),
        ({"corruption": {"probability": 2.0}}, "corruption.probability"),
        ({"regularizer": {"weight_decay": {"coeficient": 1.0}}}, "regularizer.weight_decay"),
        ({"memorization": {"training": 4}}, "memorization"),
        ({"logger": {"projekt": "x"}}, "logger"),
        ({"defaults": [{"override /model": "mpl"}]}, "defaults.0"),
        ({"defaults": [{"override /modell": "mlp"}]}, "defaults.0"),
        ({"hydra": {"mode": "MULTI"}}, "hydra.mode"),
        ({"hydra": {"sweeper": {"params": {"corruption.probabilty": "0,1"}}}},
         "hydra.sweeper.params"),
        ({"hydra": {"sweeper": {"grids": [{"sede": "0,1"}]}}}, "hydra.sweeper.grids.0"),
    ],
)  # fmt: skip
def test_it_underlines(schema: dict[str, Any], content: Any, key: str) -> None:
    found = faults(schema, content)
    assert found
    assert all(fault.startswith(f"{key}:") or fault.startswith(f"{key}.") for fault in found)


def test_a_reference_may_stand_for_any_value(schema: dict[str, Any]) -> None:
    content = {"trainer": {"max_epochs": "${nullfit.by_scale:1,2}"}, "seed": "${trainer.nodes}"}
    assert faults(schema, content) == []


def test_a_single_name_or_number_may_stand_for_a_list(schema: dict[str, Any]) -> None:
    content = {"freeze": "hidden", "trainer": {"keep_epochs": 3}, "data": {"mean": 0.5}}
    assert faults(schema, content) == []


def test_it_says_what_settings_mean(schema: dict[str, Any]) -> None:
    sections = schema["properties"]
    assert "subset" in sections["data"]["properties"]["train_limit"]["description"]
    assert "networks" in sections["memorization"]["properties"]["trainings"]["description"]
    assert set(RunConfig.model_fields) <= set(sections)


def test_a_machine_s_own_file_has_a_narrower_one(local: dict[str, Any]) -> None:
    content = {
        "defaults": [{"override /trainer": "gpu"}],
        "outputs": "/scratch",
        "data": {"root": "/scratch/images"},
        "logger": {"entity": "our-lab"},
    }
    assert faults(local, content) == []
    assert set(local["properties"]) == {"outputs", "defaults", *KEYS}
    for wrong in (
        {"seed": 1},
        {"data": {"batch_size": 3}},
        {"defaults": [{"override /model": "mlp"}]},
        {"trainer": {"threads": 0}},
    ):
        assert faults(local, wrong)


def test_the_command_prints_it_with_options_of_ones_own(
    schema: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "model").mkdir()
    own = tmp_path / "model/own.yaml"
    own.write_text("name: own\n_target_: not_there.Network\nchannels: 3\n")
    words, script = ("--config-dir", str(tmp_path)), Path(json_schema.__file__)
    done = run_command(*words, script=script)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    mine = {"model": {"channels": 3}, "defaults": [{"override /model": "own"}]}
    assert faults(printed, mine) == []
    assert faults(schema, mine)
    refused = run_command(*words, "x", script=script)
    assert refused.returncode == 2
