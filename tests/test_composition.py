"""What is composed quickly is what Hydra composes, its own part and its refusals included."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hydra._internal import defaults_list
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import ConfigRepository
from hydra._internal.utils import create_config_search_path
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from hydra.plugins.config_source import ConfigResult
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from nullfit.config.composer import CONFIG_NAME, composer, config_folder
from tests import composition
from tests.composition import (
    Kept,
    by_hydra,
    by_memory,
    choices_by_hydra,
    read_by_hydra,
    read_once,
)

COMMANDS = [
    [],
    ["model=mlp", "model.hidden=[3]", "seed=1"],
    ["model=mlp", "model.hidden=[4]", "trainer.max_epochs=2"],
    ["hydra/launcher=joblib", "hydra.launcher.n_jobs=3", "seed=2"],
    ["experiment=table_1", "scale=paper", "data.train_limit=7"],
    ["seed=3", "++seed=4"],
    ["seed=1,2"],
    ["model=mpl"],
    ["model=mlp", "model.hiden=[3]"],
]


def composed(compose: Callable[..., DictConfig], command: list[str], mode: RunMode) -> object:
    """A configuration, or what is said against it."""
    try:
        config = compose(GlobalHydra.instance().config_loader(), CONFIG_NAME, command, mode)
    except HydraException as error:
        return type(error), str(error)
    flags = [part._metadata.flags for part in (config, config.hydra, config.model)]
    return OmegaConf.to_container(config), flags


@pytest.mark.parametrize("mode", [RunMode.RUN, RunMode.MULTIRUN])
def test_it_is_what_hydra_composes(mode: RunMode, tmp_path: Path) -> None:
    quickly = by_memory(Kept(tmp_path))
    with composer():
        for command in COMMANDS:
            assert composed(quickly, command, mode) == composed(by_hydra, command, mode)


def test_a_default_that_refers_to_a_choice_is_what_hydra_makes_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "conf"
    for name, text in (
        ("model/own", "defaults:\n- /corruption@inner: ${corruption}\nname: own\n"),
        ("experiment/own", "# @package _global_\ndefaults:\n- override /model: own\n"),
    ):
        file = folder / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    command = ["experiment=own", "corruption=random_labels"]
    with composer(), pytest.MonkeyPatch.context() as patch:
        loader = GlobalHydra.instance().config_loader()
        search = loader.get_search_path()
        search.prepend("own", f"file://{folder}")
        own = ConfigLoaderImpl(search)
        found = by_hydra(own, CONFIG_NAME, command, RunMode.RUN)
        patch.setattr(defaults_list, "_create_interpolation_map", choices_by_hydra)
        assert by_hydra(own, CONFIG_NAME, command, RunMode.RUN) == found
    assert found.model.inner.name == "random_labels"


def test_files_are_read_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    quickly = by_memory(Kept(tmp_path))
    with composer():
        first = composed(quickly, ["model=mlp", "seed=1"], RunMode.RUN)
        monkeypatch.setattr(composition, "by_hydra", None)
        assert composed(quickly, ["model=mlp", "seed=1"], RunMode.RUN) == first
        assert composed(quickly, ["seed=2", "model=mlp"], RunMode.RUN) != first
        in_another_process = by_memory(Kept(tmp_path))
        assert composed(in_another_process, ["model=mlp", "seed=1"], RunMode.RUN) == first


def test_options_that_two_choices_share_are_read_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In what all tests compose with, and so in the commands that they start."""
    read = []

    def noted(repository: ConfigRepository, path: str) -> ConfigResult | None:
        read.append(path)
        return read_by_hydra(repository, path)

    def files_read(*choices: str) -> set[str]:
        read.clear()
        by_hydra(GlobalHydra.instance().config_loader(), CONFIG_NAME, list(choices), RunMode.RUN)
        return {path for path in read if (config_folder() / f"{path}.yaml").exists()}

    assert ConfigRepository.load_config is not read_by_hydra  # for all tests
    monkeypatch.setattr(ConfigRepository, "load_config", read_once(Kept(tmp_path)))
    monkeypatch.setattr(composition, "read_by_hydra", noted)
    with composer():
        assert len(files_read("model=mlp", "corruption=none")) > 10
        assert files_read("model=mlp", "corruption=none") == set()
        others = files_read("model=cnn5", "corruption=gaussian_entries")
        assert others == {"model/cnn5", "corruption/gaussian_entries"}


def test_a_file_is_what_hydra_reads_until_it_changes(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    read = read_once(Kept(kept))
    repository = ConfigRepository(create_config_search_path(str(config_folder())))
    paths = [path.relative_to(config_folder()) for path in config_folder().rglob("*.yaml")]
    assert len(paths) > 100
    for path in map(str, paths):
        for _ in range(2):
            found, expected = read(repository, path), read_by_hydra(repository, path)
            assert found is not None
            assert expected is not None
            assert found == expected
            assert found.config._metadata == expected.config._metadata
        found.config["changed"] = 1
        assert read(repository, path) == expected
    own = tmp_path / "own.yaml"
    repository = ConfigRepository(create_config_search_path(str(tmp_path)))
    for number in range(3):
        own.write_text(f"seed: {number}\n")
        os.utime(own, ns=(number, number))
        found = read(repository, "own")
        assert found is not None
        assert found.config.seed == number
