"""Whether a file of a data set is what its publisher released."""

import hashlib
from pathlib import Path

from nullfit.errors import UserError


def require_digest(path: Path, algorithm: str, expected: str, name: str) -> None:
    """Check a file's hash (``algorithm`` as in `hashlib`) before anything opens it.

    Raises:
        UserError: the hash differs. ``name`` is the data set's, for the message.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False))
    if digest.hexdigest() != expected:
        raise damaged(
            name, path, f"its {algorithm.upper()} is {digest.hexdigest()}, not {expected}"
        )


def verified(path: Path, sha256: str, name: str) -> bytes:
    """The content of a file, if its SHA-256 is this: what is hashed is what is returned.

    Raises:
        UserError: the hash differs. ``name`` is the data set's, for the message.
    """
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise damaged(name, path, f"its SHA-256 is {digest}, not {sha256}")
    return content


def damaged(name: str, path: Path, reason: str) -> UserError:
    """The error for a file that is there but wrong."""
    return UserError(
        f"data={name}: {path} is damaged or not the original file: {reason}.\n"
        "Delete it and run with data.download=true, or put the original there; other data are read "
        "by data=image_folder or a function of your own."
    )
