"""Installed extensions bring their options, and no more than these."""

import json
import sys
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from nullfit.config import extensions
from nullfit.config.components import locate
from nullfit.config.composer import composer, option_files
from nullfit.config.extensions import Extension, trusted_package
from nullfit.config.json_schema import settings_schema
from nullfit.errors import UserError
from tests.command_line import carry_out
from tests.commands import run_command

TINY = (
    *("data.train_limit=100", "data.test_limit=50", "trainer.max_epochs=1", "logger=csv"),
    "trainer.progress=false",
)
FILES = {
    "__init__.py": "",
    "networks.py": """
from torch import nn


class Linear(nn.Module):
    def __init__(self, input_shape, classes, *, scale: float):
        super().__init__()
        channels, height, width = input_shape
        self.scale = scale
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(channels * height * width, classes))

    def forward(self, images):
        return self.scale * self.layers(images)


def undeclared(input_shape, classes, *, path: str):
    raise AssertionError("nobody named this")
""",
    "noise.py": """
from nullfit.corruptions import Corrupted, changes


@changes("images")
def darkened(images, labels, seed, origin=None, *, factor: float):
    return Corrupted.compared(images, labels, images * factor, labels)
""",
    "conf/model/yourlab_linear.yaml": """
name: yourlab_linear
_target_: nullfit_yourlab.networks.Linear
scale: 0.5 # of the logits
""",
    "conf/corruption/yourlab_darkened.yaml": """
name: yourlab_darkened
_target_: nullfit_yourlab.noise.darkened
factor: 0.5 # what is left of the light
apply_to: both
""",
    "conf/experiment/yourlab_grid.yaml": """# @package _global_
defaults:
  - override /model: yourlab_linear
  - _self_
study: yourlab
hydra:
  mode: MULTIRUN
  sweeper:
    params:
      corruption: none,yourlab_darkened
""",
}


def install(site: Path, declares: str = "nullfit_yourlab", name: str = "nullfit-yourlab") -> Path:
    """Put the extension into a folder as pip does."""
    package = site / "nullfit_yourlab"
    for file, content in FILES.items():
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text(content)
    about = site / f"{name.replace('-', '_')}-1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (about / "entry_points.txt").write_text(f"[nullfit.options]\nyourlab = {declares}\n")
    return package


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for packages of this process alone."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    for name in [name for name in sys.modules if name.startswith("nullfit_yourlab")]:
        monkeypatch.delitem(sys.modules, name)  # of another test
    return folder


def test_its_options_run_from_the_command_line(tmp_path: Path) -> None:
    install(tmp_path / "site")
    words = ("experiment=yourlab_grid", "model.scale=2", *TINY)
    done = run_command(*words, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path / "site")})
    check(tmp_path, done)


def test_jobs_in_other_processes_have_it(tmp_path: Path) -> None:
    install(tmp_path / "site")
    words = ("-m", "hydra/launcher=joblib", "hydra.launcher.n_jobs=1", "experiment=yourlab_grid")
    # the process of its jobs is a Python of its own
    environment = {"PYTHONPATH": str(tmp_path / "site")}
    check(tmp_path, run_command(*words, "model.scale=2", *TINY, cwd=tmp_path, env=environment))


def check(folder: Path, done: "CompletedProcess[str]") -> None:
    """See that both runs of its grid are there, with its version."""
    assert done.returncode == 0, done.stderr
    results = sorted(folder.glob("outputs/yourlab/*/result.json"))
    assert [path.parent.name.rpartition("-")[0] for path in results] == [
        "yourlab_linear-digits-none-seed0",
        "yourlab_linear-digits-yourlab_darkened_factor0.5-seed0",
    ]
    result = json.loads(results[0].read_text())
    assert result["versions"]["nullfit-yourlab"] == "1.2"
    assert result["model"]["parameters"] == 64 * 10 + 10


def test_without_it_its_options_do_not_exist(tmp_path: Path) -> None:
    done = run_command("model=yourlab_linear", cwd=tmp_path)
    assert done.returncode == 2
    assert "model=yourlab_linear does not exist" in done.stderr


def test_its_settings_are_checked_and_completed(site: Path, tmp_path: Path) -> None:
    install(site)
    answer = carry_out(tmp_path, "model=yourlab_linear", "model.scale=much", *TINY)
    assert answer.code == 2
    assert "model.scale=much is not allowed" in answer.err
    with composer():
        assert "yourlab_linear" in option_files("model")
        model = settings_schema()["properties"]["model"]["properties"]
    assert model["scale"]["anyOf"][0] == {"type": "number"}
    assert model["scale"]["description"] == "of the logits"


def test_only_what_its_options_name_may_run(site: Path) -> None:
    install(site)
    target = "nullfit_yourlab.networks.Linear"
    assert trusted_package(target, "model") == "nullfit_yourlab"
    assert locate(target, "model").__name__ == "Linear"
    for other, group in (
        ("nullfit_yourlab.networks.undeclared", "model"),
        (target, "corruption"),
        ("nullfit_yourlab.networks.nn.Linear", "model"),
    ):
        assert trusted_package(other, group) is None
        with pytest.raises(UserError, match="is not allowed"):
            locate(other, group)


def test_an_option_of_it_cannot_name_what_is_anothers(site: Path) -> None:
    package = install(site)
    option = package / "conf/model/yourlab_linear.yaml"
    for target in ("os.system", "nullfit_yourlab_of_another.x", "nullfit_yourlab.networks.nn"):
        option.write_text(f"name: yourlab_linear\n_target_: {target}\n")
        with pytest.raises(UserError, match="is not allowed"):
            locate(target, "model")


def test_it_cannot_allow_targets(site: Path, tmp_path: Path) -> None:
    package = install(site)
    (package / "conf/experiment/yourlab_grid.yaml").write_text(
        "# @package _global_\nallow_targets: [os]\n"
    )
    answer = carry_out(tmp_path, "experiment=yourlab_grid", *TINY)
    assert answer.code == 2
    assert "only you can allow code to run" in answer.err


@pytest.mark.parametrize("declares", ["os", "nullfit", "nullfit_yourlab.networks"])
def test_it_declares_its_own_package(site: Path, tmp_path: Path, declares: str) -> None:
    install(site, declares)
    answer = carry_out(tmp_path, "task=summary")
    assert answer.code == 2
    assert f"nullfit-yourlab declares {declares}, and its package has to be named" in answer.err
    assert "pip uninstall nullfit-yourlab" in answer.err


def test_a_library_of_python_s_own_is_nobodys(site: Path) -> None:
    install(site, "json", name="json")
    with pytest.raises(UserError, match="the extension json declares json"):
        extensions.extensions()


def test_it_needs_options(site: Path, tmp_path: Path) -> None:
    package = install(site)
    (package / "conf").rename(package / "config")
    answer = carry_out(tmp_path, "task=summary")
    assert answer.code == 2
    assert "nullfit-yourlab has no options: no folder nullfit_yourlab/conf" in answer.err


def test_an_option_has_a_name_of_its_own(site: Path, tmp_path: Path) -> None:
    package = install(site)
    (package / "conf/model/lenet.yaml").write_text("name: lenet\n")
    answer = carry_out(tmp_path, "task=summary")
    assert answer.code == 2
    assert "has an option model/lenet.yaml, and so has nullfit" in answer.err


def test_it_is_not_imported_to_be_found(site: Path) -> None:
    package = install(site)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    assert extensions.extensions() == (
        Extension("nullfit-yourlab", "1.2", "nullfit_yourlab", package / "conf"),
    )


def test_what_lies_in_the_working_folder_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path)
    monkeypatch.chdir(tmp_path)
    for place in ("", ".", str(tmp_path)):
        monkeypatch.syspath_prepend(place)
        assert extensions.extensions() == ()
    answer = carry_out(tmp_path, "model=yourlab_linear", "allow_targets=[nullfit_yourlab]")
    assert "model=yourlab_linear does not exist" in answer.err
