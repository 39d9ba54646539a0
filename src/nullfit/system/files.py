"""Files appear whole or not at all."""

import errno
import os
import platform
import re
import secrets
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nullfit.errors import StorageError

_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """A temporary path to write to, which becomes ``path`` when the block ends without an error.

    The content is on the disk before the name is, and the name before the block returns: after a
    power cut there is the old file or the new one, never half of one. The folder is made if needed,
    and what killed processes left of earlier attempts at the same file is removed.

    Raises:
        StorageError: the disk is full, the folder cannot be written to, or a folder below those of
            `keep_below` is a link.
    """
    # The suffix is kept, since writers choose the format by it; nobody can foresee the name.
    drawn = f"{os.getpid()}@{platform.node()}.{secrets.token_hex(4)}"
    temporary = path.with_name(f".{path.stem}.{drawn}.tmp{path.suffix}")
    with storing(path):
        refuse_links(path.parent)
        _make_folder(path.parent)
        remove_leftovers(path)
        try:
            os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
            yield temporary
            sync(temporary)
            os.replace(temporary, path)
            sync(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


_kept: set[Path] = set()


def keep_below(folder: Path) -> None:
    """From now on no link below ``folder``, which may be one itself, is followed to write.

    A folder of results may come from someone else, with links to the user's own files in it.
    """
    _kept.add(folder.absolute())


def refuse_links(folder: Path) -> None:
    """See that no link below the folders of `keep_below` is on the way to ``folder``.

    Raises:
        StorageError: one is.
    """
    absolute = folder.absolute()
    for part in (absolute, *absolute.parents):
        if part in _kept:
            return
        if part.is_symlink() and any(root in part.parents for root in _kept):
            raise _is_link(part)


def refuse_links_in(folder: Path, but_for: Collection[str] = ()) -> None:
    """See that neither ``folder``, in which a library writes, nor anything below it is a link.

    ``but_for`` are patterns of the library's own links, as paths below the folder.

    Raises:
        StorageError: there is one.
    """
    refuse_links(folder)
    for path in folder.rglob("*"):  # which follows no links
        if path.is_symlink():
            inner = path.relative_to(folder).as_posix()
            if not any(re.fullmatch(pattern, inner) for pattern in but_for):
                raise _is_link(path)


def _is_link(path: Path) -> StorageError:
    return StorageError(
        f"{path} is a link to {path.readlink()}: nothing is written through it.\n"
        "Remove the link, and start the same command again."
    )


def no_link(path: str | Path, flags: int) -> int:
    """An ``opener`` for `open` that follows no link at the end of the path."""
    refuse_links(Path(path).parent)
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)


def at_home(path: str) -> str:
    """A leading ``~`` as the shell expands it, which it does not behind ``key=``."""
    try:
        return str(Path(path).expanduser()) if path.startswith("~") else path
    except RuntimeError:  # no such user, or none at all
        return path


def write_text(path: Path, text: str) -> None:
    """Write a whole text file, atomically and durably."""
    with appearing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def sync(path: Path) -> None:
    """Return once a file, or the list of names in a folder, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system that cannot do this for folders
            raise
    finally:
        os.close(descriptor)


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Within it, errors of the disk that are the user's to mend become `StorageError`.

    Raises:
        StorageError: the disk is full, or ``path`` cannot be written.
    """
    try:
        yield
    except Exception as error:
        # torch raises its own error, in the context of that of the file it writes to.
        cause = error if isinstance(error, OSError) else error.__context__
        if not isinstance(cause, OSError):
            raise
        raise storage_error(cause, path) from error


def is_full(error: OSError) -> bool:
    """Whether there is no room left, or none for this user or this file."""
    return error.errno in _SPACE


def storage_error(error: OSError, path: Path) -> StorageError:
    """What to tell of ``path``, which could not be written."""
    if is_full(error):
        advice = "Make room and start the same command again: what is finished stays."
    else:
        advice = "Choose a folder that can be written to: outputs=… (what is finished stays)."
    return StorageError(f"{path} cannot be written: {error.strerror or error}.\n{advice}")


def new_folder(parent: Path) -> Path:
    """Make a folder of a name that nobody can foresee, for this user alone.

    Raises:
        StorageError: it cannot be made, or one of `keep_below` has a link on the way.
    """
    refuse_links(parent)
    with storing(parent):
        parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=parent, prefix=""))


def _make_folder(folder: Path) -> None:
    """Make a folder with its parents; their names are on the disk, too."""
    missing = [part for part in (folder, *folder.parents) if not part.is_dir()]
    folder.mkdir(parents=True, exist_ok=True)
    for part in missing:
        sync(part.parent)


def remove_leftovers(path: Path) -> None:
    """Remove what processes of this machine that are no more left of attempts at a file."""
    here = re.escape(platform.node())
    mine = re.compile(
        rf"\.{re.escape(path.stem)}\.(\d+)@{here}(\.[0-9a-f]{{8}})?\.tmp{re.escape(path.suffix)}"
    )
    with suppress(OSError):
        for name in os.listdir(path.parent):
            left = mine.fullmatch(name)
            if left and not _runs(int(left[1])):
                (path.parent / name).unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
