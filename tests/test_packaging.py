"""What a user installs: the wheel."""

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import nullfit

ROOT = Path(nullfit.__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_all_configs_the_types_marker_and_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        points = next(name for name in names if name.endswith("entry_points.txt"))
        commands = archive.read(points).decode()
    files = set(ROOT.glob("conf/**/*.yaml")) - {ROOT / "conf/local.yaml"}
    configs = {f"nullfit/conf/{path.relative_to(ROOT / 'conf')}" for path in files}
    assert configs <= names
    assert "nullfit/py.typed" in names
    assert "nullfit = nullfit.cli:main" in commands
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_wheel_holds_no_settings_of_the_machine_that_built_it(tmp_path: Path) -> None:
    for name in ("src", "conf"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "CITATION.cff"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "conf/local.yaml").write_text("outputs: /home/me/outputs\n")
    (tmp_path / "conf/schema.json").write_text("{}")
    for target in ("wheel", "sdist"):
        build = (sys.executable, "-m", "hatchling", "build", "--target", target)
        done = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("dist/*.whl"))) as archive:
        names = archive.namelist()
    with tarfile.open(next(tmp_path.glob("dist/*.tar.gz"))) as archive:
        names += archive.getnames()
    assert any(name.endswith("conf/config.yaml") for name in names)
    assert not [name for name in names if name.endswith(("local.yaml", "schema.json"))]


def test_the_installed_package_finds_its_own_configs(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from nullfit.cli import main\n"
        "sys.argv = ['nullfit', '--cfg', 'job']\n"
        "main()"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "name: mlp_1x512" in shown.stdout
    found = subprocess.run(
        [
            *(sys.executable, "-c"),
            f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
            "from nullfit.config.composer import config_folder; print(config_folder())",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == str(tmp_path / "nullfit/conf")


def test_every_dependency_is_pinned_to_the_tested_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        wanted += extra
    names = {w.partition(">")[0].partition("[")[0].strip().lower() for w in wanted} - {"nullfit"}
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    assert names <= pinned
    assert "torch==2.13.0" in lines
    assert "torchvision==0.28.0" in lines
