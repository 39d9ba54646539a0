"""Files that strangers may have made: regular ones of a size that can be meant, and nothing else.

A link is not followed, and a pipe or a device in place of a file is neither waited for nor read.
"""

import errno
import os
import stat
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from nullfit.errors import UserError

# The most bytes of a file, by what it holds; no run writes a hundredth of them.
SETTINGS_BYTES = 2**20
RESULT_BYTES = 64 * 2**20
METRICS_BYTES = 256 * 2**20
ARRAYS_BYTES = 2 * 2**30  # of the arrays, not of the file that they are packed in
RECORD_BYTES = 2 * 2**30  # of Weights & Biases
CHECKPOINT_BYTES = 64 * 2**30
NOTE_BYTES = 64 * 2**10  # that are read of notes and logs, however long they are

# What the readers of archives and arrays raise for those that are none. NumPy takes a header that
# it does not understand for Python, and reads it word by word.
NO_ARRAYS = (
    *(ValueError, KeyError, EOFError, OSError, MemoryError, RuntimeError, SyntaxError, TypeError),
    *(zipfile.BadZipFile, zlib.error, OverflowError, tokenize.TokenError),
)

_ANY = 2**63
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def is_regular(path: Path) -> bool:
    """Whether there is a regular file, and no link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def open_regular(path: Path, limit: int = _ANY, *, links: bool = False) -> BinaryIO:
    """Open a regular file of at most ``limit`` bytes; with ``links`` also one that a link leads to.

    Raises:
        FileNotFoundError: there is none.
        UserError: there is something else, more of it, or it cannot be opened.
    """
    try:
        descriptor = os.open(path, _FLAGS | (0 if links else os.O_NOFOLLOW))
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:  # a path with NUL in it is a ValueError
        link = isinstance(error, OSError) and error.errno == errno.ELOOP
        raise _unreadable(path, "it is a link" if link else str(error)) from error
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_size <= limit:
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISREG(status.st_mode):
        raise _too_long(path, limit)
    raise _unreadable(path, "it is no regular file")


def read_regular(path: Path, limit: int) -> bytes:
    """The whole content of a regular file.

    Raises:
        FileNotFoundError: there is none.
        UserError: there is something else, or it has more than ``limit`` bytes.
    """
    with open_regular(path, limit) as file:
        content = file.read(limit + 1)  # it may have grown since it was opened
    if len(content) > limit:
        raise _too_long(path, limit)
    return content


def read_beginning(path: Path) -> bytes:
    """As much of a note's beginning as is ever shown; raises as `read_regular`."""
    with open_regular(path) as file:
        return file.read(NOTE_BYTES)


def read_end(path: Path) -> bytes:
    """As much of a log's end as is ever looked at; raises as `read_regular`."""
    with open_regular(path) as file:
        file.seek(max(os.fstat(file.fileno()).st_size - NOTE_BYTES, 0))
        return file.read(NOTE_BYTES)


def _too_long(path: Path, limit: int) -> UserError:
    return _unreadable(path, f"it has more than {limit:,} bytes")


def _unreadable(path: Path, reason: str) -> UserError:
    return UserError(f"{path} cannot be read: {reason}.")
