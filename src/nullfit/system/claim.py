"""One process at a time works on a job.

The claim is the kernel's lock (flock) on a file in the job's folder: it ends with its process,
however that ends, so that nothing stale is left to be cleared. The file says who has it, and is
removed when the job is left in peace. On NFS the lock holds between machines where the server's
lock service runs; a file system without locks leaves jobs unclaimed, and a line says so.
"""

import errno
import fcntl
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from nullfit.console.messages import say
from nullfit.system.files import storage_error, storing

CLAIM = ".claim"  # a hidden file: it is there only while the job runs

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW  # a link leads to others' files
_PAUSE = 0.2
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)
_NO_WRITING = (errno.EROFS, errno.EACCES, errno.EPERM)


class TakenError(Exception):
    """Another process works on the job; the message says which."""


@contextmanager
def claimed(folder: Path, job: str, *, wait: bool = True) -> Iterator[None]:
    """Within it no other process works in ``folder``; it waits for one that does, and says so.

    A folder that cannot be written to is left unclaimed: what is in it can still be read.

    Raises:
        TakenError: another process has it, and ``wait`` is false.
        StorageError: the disk is full.
    """
    descriptor = _open(folder)
    if descriptor is None:
        yield
        return
    descriptor = _locked(descriptor, folder, job, wait)
    try:
        yield
    finally:
        (folder / CLAIM).unlink(missing_ok=True)
        os.close(descriptor)


def _open(folder: Path) -> int | None:
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return os.open(folder / CLAIM, _FLAGS, 0o666)
        except FileNotFoundError:  # someone took back the empty folder at the same moment
            continue
        except OSError as error:
            if error.errno in _NO_WRITING:
                return None
            raise storage_error(error, folder / CLAIM) from error


def _locked(descriptor: int, folder: Path, job: str, wait: bool) -> int:
    """Lock the file; where it was removed meanwhile, the one that took its place."""
    warned = False
    try:
        while not (_lock(descriptor, folder, job) and _is_there(descriptor, folder / CLAIM)):
            owner = os.pread(descriptor, 200, 0).decode(errors="replace") or "another process"
            if not wait:
                raise TakenError(f"{job} is being run by {owner}")
            if not warned:
                say(f"{job} is being run by {owner}; waiting for it to end")
                warned = True
            time.sleep(_PAUSE)
            os.close(descriptor)
            descriptor = _open(folder) or -1
        try:
            with storing(folder / CLAIM):
                _sign(descriptor)
        except BaseException:
            (folder / CLAIM).unlink(missing_ok=True)
            raise
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _lock(descriptor: int, folder: Path, job: str) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        say(f"{job}: {folder} is on a file system without locks; start it only once at a time")
    return True


def _is_there(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _sign(descriptor: int) -> None:
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    text = f"process {os.getpid()} on {platform.node()} since {since}".encode()
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text, 0)
