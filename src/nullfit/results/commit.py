"""Which commit of nullfit's own clone a run was computed with."""

import re
from functools import cache
from pathlib import Path

_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT = 1000  # characters of a file that names a commit or a folder


@cache  # as it was when first asked: the clone may move on while a run goes on
def commit() -> str | None:
    """The commit that the clone is at, from which nullfit was imported.

    None where it was installed from a wheel, or the clone cannot be read. Files that differ from
    the commit are not seen: git is not run.
    """
    package = Path(__file__).resolve().parents[1]
    if package.parent.name != "src" or not (package.parents[1] / "pyproject.toml").is_file():
        return None
    return commit_of(package.parents[1])


def commit_of(clone: Path) -> str | None:
    """The commit at which a clone or a worktree stands, from its own files; None if unknown."""
    try:
        own, shared = _folders(clone / ".git")
        head = _read(own / "HEAD")
        if not head.startswith("ref: "):
            return head if _DIGEST.fullmatch(head) else None
        return _of_branch(shared, head.removeprefix("ref: "))
    except (OSError, ValueError):
        return None


def _folders(git: Path) -> tuple[Path, Path]:
    """Where HEAD is, and where branches are: the same but for a worktree."""
    if git.is_dir():
        return git, git
    own = git.parent / _read(git).removeprefix("gitdir: ")
    shared = own / "commondir"
    return own, own / _read(shared) if shared.is_file() else own


def _of_branch(folder: Path, branch: str) -> str | None:
    loose = folder / branch
    if loose.is_file():
        found = _read(loose)
        return found if _DIGEST.fullmatch(found) else None
    for line in (folder / "packed-refs").read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition(" ")
        if name == branch and _DIGEST.fullmatch(digest):
            return digest
    return None


def _read(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read(_SHORT).strip()
