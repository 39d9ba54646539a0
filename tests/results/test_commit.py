"""The commit of the clone, read without git; git itself is what is compared with."""

import shutil
import subprocess
from pathlib import Path

import pytest

from nullfit.results.commit import commit, commit_of
from nullfit.results.result import versions

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "First")
    return folder


def test_a_branch(clone: Path) -> None:
    assert commit_of(clone) == git(clone, "rev-parse", "HEAD")


def test_a_packed_branch(clone: Path) -> None:
    git(clone, "tag", "-a", "v1", "-m", "tag")  # whose commit is a line of its own
    git(clone, "pack-refs", "--all")
    assert not list((clone / ".git/refs/heads").iterdir())
    assert commit_of(clone) == git(clone, "rev-parse", "HEAD")


def test_no_branch(clone: Path) -> None:
    git(clone, "checkout", "--quiet", "--detach")
    assert commit_of(clone) == git(clone, "rev-parse", "HEAD")


def test_a_worktree(clone: Path, tmp_path: Path) -> None:
    git(clone, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "tree"))
    git(tmp_path / "tree", "commit", "--quiet", "--allow-empty", "-m", "Second")
    other = git(tmp_path / "tree", "rev-parse", "HEAD")
    assert commit_of(tmp_path / "tree") == other != commit_of(clone)


@pytest.mark.parametrize("head", ["", "no commit", "ref: refs/heads/none", "ref: ../../secret"])
def test_what_is_no_commit_is_unknown(clone: Path, tmp_path: Path, head: str) -> None:
    (tmp_path / "secret").write_text("a line of a user's file")
    (clone / ".git/HEAD").write_text(head)
    assert commit_of(clone) is None


def test_a_folder_without_git_is_unknown(tmp_path: Path) -> None:
    assert commit_of(tmp_path) is None


def test_an_installed_package_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "clone/.venv/lib/site-packages/nullfit"
    monkeypatch.setattr("nullfit.results.commit.__file__", str(package / "results/commit.py"))
    commit.cache_clear()
    assert commit() is None
    assert "commit" not in versions()
    commit.cache_clear()
