"""``probe=[a,b]``: each has a section of its own, and hears what it would hear alone."""

from pathlib import Path

import numpy as np
import pandas
import pytest
import yaml

from nullfit.cli import main
from nullfit.config.identity import config_hash
from nullfit.errors import UserError
from nullfit.results.result import read_arrays, read_result
from nullfit.runs.probes import probes_of
from nullfit.tasks.train.task import train

RUN = (
    *("corruption=random_labels", "corruption.probability=0.5", "trainer.max_epochs=3"),
    "data.batch_size=30",
)
BOTH = "probe=[dynamics,loss_mixture]"


def test_each_finds_what_it_finds_alone(tiny_config, tmp_path: Path) -> None:
    for name in (BOTH, "probe=dynamics", "probe=loss_mixture"):
        train(tiny_config(*RUN, name), tmp_path / name)
    both, arrays = read_result(tmp_path / BOTH), read_arrays(tmp_path / BOTH)
    for name in ("dynamics", "loss_mixture"):
        alone = tmp_path / f"probe={name}"
        assert both[name] == read_result(alone)[name]
        for key, array in read_arrays(alone).items():
            assert np.array_equal(arrays[key], array), key
    samples = pandas.read_csv(tmp_path / BOTH / "samples.csv")
    assert {"aum", "posterior", "loss"} <= set(samples)


def test_settings_stand_in_the_section_of_each(tiny_config) -> None:
    config = tiny_config(*RUN, BOTH, "probes.dynamics.el2n_epoch=3", "probes.loss_mixture.folds=7")
    dynamics, mixture = probes_of(config)
    assert (dynamics.name, dynamics.el2n_epoch) == ("dynamics", 3)
    assert (mixture.name, mixture.scored) == ("loss_mixture", "mean")
    assert config.plain()["probes"]["loss_mixture"]["folds"] == 7


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["probes.dynamics.el2n_epoch=0"], "probes.dynamics.el2n_epoch=0 is not allowed"),
        (["+probes.dynamics.epoch=2"], "probes.dynamics.epoch is not a setting"),
        (["probes.dynamics.el2n_epochs=2"], "probes.dynamics.el2n_epochs is not a setting"),
        (["task=kernel"], "probe=dynamics has no effect on task=kernel"),
        (["probes.dynamics._target_=os.system"], "probes.dynamics._target_=os.system is not"),
        (
            ["probes.dynamics._target_=nullfit.probes.loss_mixture.probe.LossMixture"],
            "probes.dynamics.el2n_epoch is not a setting of LossMixture",
        ),
    ],
)
def test_a_mistake_is_told_with_its_section(tiny_config, words: list[str], told: str) -> None:
    with pytest.raises(UserError) as error:
        tiny_config(*RUN, BOTH, *words)
    assert told in str(error.value)


def test_a_probe_that_is_not_there_is_named(tiny_config) -> None:
    with pytest.raises(UserError, match=r"probe=dynamic does not exist\. Did you mean probe=dyn"):
        tiny_config("probe=[dynamic,loss_mixture]")


def test_a_list_of_one_or_none_is_that_probe(tiny_config) -> None:
    def digest(*words: str) -> str:
        return config_hash(tiny_config(*RUN, *words).plain())

    assert digest("probe=[dynamics]") == digest("probe=dynamics")
    assert digest("probe=[none,dynamics]") == digest("probe=dynamics")
    assert digest("probe=[]") == digest("probe=none") == digest()
    assert digest(BOTH) == digest("probe=[loss_mixture,dynamics]")
    assert len({digest(BOTH), digest("probe=dynamics"), digest()}) == 3
    assert digest(BOTH) != digest(BOTH, "probes.dynamics.el2n_epoch=3")


def test_two_of_one_section_are_refused(tiny_config) -> None:
    config = tiny_config(*RUN, BOTH)
    twice = {"a": config.probes["dynamics"], "b": config.probes["dynamics"]}
    with pytest.raises(UserError, match="both write the section dynamics"):
        probes_of(config.model_copy(update={"probes": twice}))


COMMAND = (
    *("model=mlp", "model.hidden=[8]", "data.train_limit=60", "trainer.max_epochs=1"),
    *("logger=csv", "trainer.progress=false", "trainer.threads=1"),
)


@pytest.mark.parametrize(
    ("words", "sections"),
    [
        ([BOTH, "probes.dynamics.el2n_epoch=1"], [{"dynamics", "loss_mixture"}]),
        (
            ["-m", f"{BOTH},none", "hydra/launcher=basic"],
            [{"dynamics", "loss_mixture"}, set()],
        ),
        (["-m", BOTH, "seed=0,1"], [{"dynamics", "loss_mixture"}] * 2),
    ],
)
def test_commands_and_grids_take_a_list(words, sections, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["run.py", *COMMAND, *words])
    main()
    folders = [path for path in Path("outputs/default").iterdir() if path.is_dir()]
    results = [read_result(folder) for folder in folders]
    found = [{"dynamics", "loss_mixture"} & set(result) for result in results]
    assert sorted(found, key=len) == sorted(sections, key=len)
    for result, own in zip(results, found, strict=True):
        assert (f"'{BOTH}'" in result["command"]) == bool(own)
        assert "@" not in result["command"]


def test_what_is_shown_is_what_would_be_run(monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.argv", ["run.py", BOTH, "--cfg", "job"])
    main()
    shown = yaml.safe_load(capsys.readouterr().out)
    assert shown["probe"]["name"] == "none"
    assert set(shown["probes"]) == {"dynamics", "loss_mixture"}
