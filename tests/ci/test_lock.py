"""`make lock`: a lock by which pip installs what was locked, and nothing else."""

import hashlib
import os
import subprocess
import sys
import zipfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import nullfit

SCRIPT = Path(nullfit.__file__).parents[2] / ".ci/lock.py"
DIGEST = "a" * 64


@pytest.fixture(scope="module")
def lock() -> ModuleType:
    spec = spec_from_file_location("lock", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def item(name: str, version: str = "1.0", scheme: str = "https", **source: Any) -> dict[str, Any]:
    source = source or {"archive_info": {"hashes": {"sha256": DIGEST}}}
    about = {"url": f"{scheme}://index.invalid/{name}.whl", **source}
    return {"metadata": {"name": name, "version": version}, "download_info": about}


def wheel(folder: Path, name: str, needs: str = "", content: str = "") -> Path:
    """A package in a file, as an index has it."""
    about = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": content,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        + (f"Requires-Dist: {needs}\n" if needs else ""),
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/RECORD": "",
    }
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
    return path


def run(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    """A command without what pip is told on this machine."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return subprocess.run(
        [sys.executable, *map(str, words)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_package_but_our_own_has_a_line_with_its_hash(lock: ModuleType) -> None:
    report = {"install": [item("b", "2.1"), item("A"), item("nullfit", "0.1", dir_info={})]}
    assert lock.locked(report) == [
        f"A==1.0 --hash=sha256:{DIGEST}",
        f"b==2.1 --hash=sha256:{DIGEST}",
    ]


def test_a_file_of_this_disk_is_not_locked(lock: ModuleType) -> None:
    report = {"install": [item("torch", "2.13.0+cpu", "file")]}
    with pytest.raises(
        lock.NotLockedError, match=r"torch 2\.13\.0\+cpu comes from this machine's disk"
    ):
        lock.locked(report)
    assert lock.locked(report, from_disk=True) == [f"torch==2.13.0+cpu --hash=sha256:{DIGEST}"]


def test_what_has_no_hash_is_not_locked(lock: ModuleType) -> None:
    with pytest.raises(lock.NotLockedError, match=r"b 1\.0 is no file with a SHA-256"):
        lock.locked({"install": [item("b", vcs_info={"vcs": "git"})]})


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    wheel(folder, "upper", needs="lower>=1")
    wheel(folder, "lower", content="answer = 42\n")
    return folder


def test_pip_installs_what_was_locked_and_refuses_anything_else(
    index: Path, tmp_path: Path
) -> None:
    output = tmp_path / "requirements.lock"
    local = ("--no-index", "--find-links", index)
    # What is not this script's own option goes on to pip behind two dashes.
    made = run(SCRIPT, "--from-disk", "--output", output, "--", *local, "upper")
    assert made.returncode == 0, made.stderr
    hashes = {
        path.name.partition("-")[0]: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in index.glob("*.whl")
    }
    first, second, *lines = output.read_text().splitlines()
    assert lines == [f"{name}==1.0 --hash=sha256:{hashes[name]}" for name in ("lower", "upper")]
    assert first.startswith("# Made by `make lock` on Python 3.")
    assert second.startswith("# pip install --require-hashes")

    install = ("-m", "pip", "install", "--quiet", *local, "--require-hashes", "-r", output)
    done = run(*install, "--target", tmp_path / "first")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "first/lower.py").read_text() == "answer = 42\n"

    kept = (index / "lower-1.0-py3-none-any.whl").read_bytes()
    wheel(index, "lower", content="answer = 'of somebody else'\n")
    refused = run(*install, "--target", tmp_path / "second")
    (index / "lower-1.0-py3-none-any.whl").write_bytes(kept)
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr
    assert not (tmp_path / "second/lower.py").exists()


def test_a_refusal_leaves_the_lock_as_it_is(index: Path, tmp_path: Path) -> None:
    output = tmp_path / "requirements.lock"
    output.write_text("as it was\n")
    done = run(SCRIPT, "--output", output, "--", "--no-index", "--find-links", index, "upper")
    assert done.returncode == 2
    assert "comes from this machine's disk" in done.stderr
    missing = run(SCRIPT, "--output", output, "--", "--no-index", "--find-links", index, "none")
    assert missing.returncode != 0
    assert output.read_text() == "as it was\n"
