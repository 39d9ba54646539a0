"""What of a record is uploaded: messages that nullfit's own runs write, and files of the run alone.

A record may be a stranger's. W&B sends whatever files it names, from anywhere.
"""

from pathlib import Path, PurePosixPath
from typing import Any

from nullfit.system.reading import is_regular

_KINDS = {
    *("header", "run", "environment", "config", "metric", "telemetry", "stats"),
    *("history", "summary", "files", "artifact", "exit", "final", "footer"),
}
_TABLES = "run_table"
_STAGING = "artifacts/staging"


def is_own(record: Any, folder: Path) -> bool:
    """Whether a message is one of ours, whose files lie in ``folder`` (``…/wandb``).

    The files of a table are looked for there, wherever the folder was when it was recorded.

    Raises:
        ValueError: it names a file that belongs to no run, or is an artifact of another kind.
    """
    kind = record.WhichOneof("record_type")
    if kind == "files":
        for item in record.files.files:
            _check(item.path)
    if kind == "artifact":
        return _is_table(record.artifact, folder)
    return kind in _KINDS


def _check(path: str) -> None:
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or "\\" in path or "\0" in path:
        raise ValueError(f"the record names a file that is none of the run's: {path!r}")


def _is_table(artifact: Any, folder: Path) -> bool:
    """Whether it is a table whose file is still there; its numbers lie in ``files`` as well."""
    manifest = artifact.manifest
    if (
        artifact.type != _TABLES
        or manifest.manifest_file_path
        or any(entry.ref for entry in manifest.contents)
    ):
        raise ValueError(f"the record has an artifact that nullfit does not write: {artifact.name}")
    for entry in manifest.contents:
        _check(entry.path)
        entry.local_path = str(folder / _STAGING / PurePosixPath(entry.local_path).name)
    return all(is_regular(Path(entry.local_path)) for entry in manifest.contents)
