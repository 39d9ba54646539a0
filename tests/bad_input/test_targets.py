"""A configuration from a stranger runs no code but nullfit's own."""

import os
from pathlib import Path

import pytest

from nullfit.config.composer import composer
from nullfit.config.hydra_settings import check_hydra
from nullfit.config.plan import compose_grid
from nullfit.config.validation import validate
from nullfit.errors import UserError
from tests.bad_input.conftest import Refuse

NOT_ALLOWED = "is not allowed"
TARGETS = {
    "a function of the system": ["model._target_=os.system"],
    "through another module": ["model._target_=logging.os.system"],
    "through nullfit": ["model._target_=nullfit.cli.os.system"],
    "torch.load": ["model._target_=torch.load"],
    "eval": ["model._target_=builtins.eval"],
    "what an option's module imports": ["data._target_=nullfit.data.sources.image_folder.partial"],
    "a builtin through a module": ["model._target_=nullfit.models.build.__builtins__"],
    "a private loader": ["model._target_=nullfit.models.__loader__"],
    "nullfit's own, which writes files": ["task._target_=nullfit.system.files.write_text"],
    "an option of another group": ["schedule._target_=nullfit.optimizers.sgd"],
    "a class that says not what it takes": ["optimizer._target_=nullfit.errors.UserError"],
    "a module": ["model._target_=nullfit"],
    "no name": ["model._target_=''"],
    "a number": ["model._target_=3"],
    "an empty part": ["model._target_=nullfit.models..MLP"],
    "in a step of a chain": [
        "corruption=chain",
        "corruption.steps=[{name:gaussian,_target_:os.system}]",
    ],
    "in a setting": ["+model.x={_target_:os.system}"],
    "in a list": ["model.hidden=[{_target_:os.system,command:id}]"],
    "Hydra's arguments": ["+model._args_=[1]"],
    "Hydra's partial": ["+model._partial_=true"],
    "Hydra's recursion": ["+model._recursive_=true"],
    "trust that misses": ["allow_targets=[os]", "model._target_=shutil.rmtree"],
    "trust in a word": ["allow_targets=os", "model._target_=os.system"],
}


@pytest.mark.parametrize("overrides", TARGETS.values(), ids=list(TARGETS))
def test_a_target_is_refused(overrides: list[str]) -> None:
    def check() -> None:
        with composer():
            (config,) = compose_grid(overrides, multirun=False).configs
            validate(config)

    with pytest.raises(UserError) as refused:
        check()
    message = str(refused.value)
    assert NOT_ALLOWED in message or "is not a setting" in message or "cannot be" in message
    assert len(message.splitlines()) <= 2


HYDRA = {
    "a launcher": ["hydra.launcher._target_=os.system"],
    "a sweeper": ["hydra.sweeper._target_=builtins.eval"],
    "a callback": ["+hydra.callbacks.x._target_=os.system"],
    "the environment": ["+hydra.job.env_set.LD_PRELOAD=x.so"],
    "the environment's secrets": ["hydra.job.env_copy=[PATH]"],
    "a handler that is called": ["+hydra.job_logging.handlers={x:{class:os.system}}"],
    "a reference of logging": ["+hydra.job_logging.handlers={x:{y:'ext://os.system'}}"],
    "a log elsewhere": ["hydra/job_logging=default"],
    "the folder of a run": ["hydra.run.dir=/tmp/elsewhere"],
    "the folder of a grid": ["hydra.sweep.dir=/tmp/elsewhere"],
    "the folder of a job": ["hydra.sweep.subdir=../elsewhere"],
    "the folder of settings": ["hydra.output_subdir=../../elsewhere"],
    "another place to run in": ["hydra.job.chdir=true"],
}


@pytest.mark.parametrize("overrides", HYDRA.values(), ids=list(HYDRA))
def test_of_hydras_own_settings(overrides: list[str]) -> None:
    with composer():
        (config,) = compose_grid(overrides, multirun=False).configs
    with pytest.raises(UserError, match=r"hydra\..* is not allowed") as refused:
        check_hydra(config)
    assert len(str(refused.value).splitlines()) <= 2


@pytest.mark.parametrize("overrides", [[], ["hydra/job_logging=stdout"], ["hydra/launcher=joblib"]])
def test_the_rest_may_be_changed(overrides: list[str]) -> None:
    with composer():
        (config,) = compose_grid(overrides, multirun=False).configs
    check_hydra(config)


EVIL = {
    "trust": "allow_targets: [evil]\nmodel: {_target_: evil.Net}\n",
    "callback": "hydra: {callbacks: {x: {_target_: os.mkdir, path: opened}}}\n",
    "log": "hydra: {job_logging: {handlers: {x: {'()': os.mkdir, path: opened}}}}\n",
    "trust for a grid": (
        "hydra: {mode: MULTIRUN, sweeper: {params: "
        "{allow_targets: '[evil]', model._target_: evil.Net}}}\n"
    ),
}


@pytest.mark.parametrize("content", EVIL.values(), ids=list(EVIL))
def test_an_experiment_from_a_stranger(refuse: Refuse, tmp_path: Path, content: str) -> None:
    (tmp_path / "evil.py").write_text("import os; os.mkdir('opened')\nclass Net: pass\n")
    option = tmp_path / "conf/experiment/evil.yaml"
    option.parent.mkdir(parents=True)
    option.write_text(f"# @package _global_\n{content}")
    told = "only you can allow code to run" if "allow_targets" in content else NOT_ALLOWED
    refuse(["--config-dir", "conf", "experiment=evil"], told)
    assert "opened" not in os.listdir(tmp_path)
