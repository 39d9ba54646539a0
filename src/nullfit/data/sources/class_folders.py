"""Which files of a folder are the samples of which class."""

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from nullfit.errors import UserError, override, shown
from nullfit.system.similar_folder import similar_folder

_LAYOUT = "image_folder reads train/<class>/* and test/<class>/* in data.root."
# In lower case; hidden names (.DS_Store, .Trash-1000, ._picture.png, …) are left out anyway.
_LEFT_BY_SYSTEMS = {
    *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini"),  # Windows
    *("$recycle.bin", "recycler", "recycled", "system volume information", "found.000"),
    *("__macosx", "icon\r", "network trash folder", "temporary items"),  # macOS
    *("@eadir", "#recycle", "#snapshot", "@sharebin"),  # Synology
    *("@recycle", "@recently-snapshot", "@transcode"),  # QNAP
    *("lost+found", "lost.dir", "picasa.ini", "__pycache__"),  # Linux, Android, Picasa, Python
}

_NAMED = 3  # folders in a message
_LEFT_OUT_IN_0_1 = {"thumbs.db", "desktop.ini", "__macosx"}

Sample = tuple[str, str]  # path, class


def scan(folder: Path, split: str) -> list[Sample]:
    """All files of one split with their classes, in order of class and path.

    Names of classes are in NFC: systems write an accent as a character of its own or do not.
    """
    if not folder.is_dir():
        raise UserError(
            f"data.root={folder} does not exist: there is no such folder."
            f"{similar_folder('data.root', folder)}\n{_LAYOUT}"
        )
    if not (folder / split).is_dir():
        if folder.name == split:
            above = os.path.relpath(folder.parent)  # as short as it was likely given
            known = str(folder.parent) if above.startswith("..") else above
            raise UserError(
                f"data.root={folder} has no folder {split}/: give the folder above it, "
                f"{override('data.root', known)}"
            )
        raise UserError(f"data.root={folder} has no folder {split}/.\n{_LAYOUT}{_found(folder)}")
    try:
        entries = [entry for entry in os.scandir(folder / split) if entry.is_dir()]
    except OSError as error:
        raise UserError(f"{folder / split} cannot be read: {error.strerror}.") from error
    folders = [entry.name for entry in entries if _counts(entry.name)]
    if not folders:
        raise UserError(f"{folder / split} has no class folders.\n{_LAYOUT}")
    samples = []
    for name, below in sorted((unicodedata.normalize("NFC", below), below) for below in folders):
        files = files_below(folder / split / below)
        if not files:
            raise empty_class(folder / split / below)
        samples += [(file, name) for file in files]
    return samples


def _found(folder: Path) -> str:
    """What may be classes already, and is to be moved."""
    names = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
    names = [name for name in names if _counts(name) and name not in ("train", "val", "test")]
    if not names:
        return ""
    few = ", ".join(map(shown, names[:_NAMED])) + (", …" if len(names) > _NAMED else "")
    return f" There are {few}: move some files of each to train/, and others to test/."


def files_below(folder: Path) -> list[str]:
    """All files of a folder and its sub-folders that count, in the order of their paths."""
    found = _files_below(str(folder), {os.path.realpath(folder)})
    # Sorted with "/" in any case, so that the order is the same where the separator is not.
    return sorted(found, key=lambda path: path.replace(os.sep, "/"))


def _files_below(folder: str, above: set[str]) -> Iterator[str]:
    """All files, those behind links too; ``above`` are the real folders that this one lies in."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if not _counts(entry.name):
                continue
            if not entry.is_dir():
                if not entry.is_file():  # to read a pipe would be to wait for ever
                    raise UserError(
                        f"{entry.path} cannot be read: it is no file, or a link to none.\n"
                        "Replace it or remove it."
                    )
                yield entry.path
                continue
            real = os.path.realpath(entry.path) if entry.is_symlink() else ""
            if real in above:
                raise UserError(
                    f"{entry.path} is a link to a folder that it lies in itself: {real}.\n"
                    "Remove it."
                )
            below = real or os.path.join(folder, entry.name)
            yield from _files_below(entry.path, above | {os.path.realpath(below)})


def _counts(name: str) -> bool:
    return not name.startswith(".") and name.lower() not in _LEFT_BY_SYSTEMS


def leaves_out_more(folder: Path) -> bool:
    """Whether version 0.1 took more files of a folder for samples, or classes in another order."""
    more = _LEFT_BY_SYSTEMS - _LEFT_OUT_IN_0_1
    for split in ("train", "test"):
        for _, below, files in os.walk(folder / split, followlinks=True):
            if any(name.lower() in more for name in (*below, *files)):
                return True
        if not all(unicodedata.is_normalized("NFC", name) for name in os.listdir(folder / split)):
            return True
    return False


def require_same_classes(folder: Path, train: list[Sample], test: list[Sample]) -> None:
    """Raise UserError unless both splits have the same class folders."""
    in_train, in_test = ({name for _, name in split} for split in (train, test))
    if only := sorted(in_train ^ in_test):
        where, other = ("train", "test") if only[0] in in_train else ("test", "train")
        raise UserError(
            f"data.root={folder}: class {only[0]!r} is in {where}/ but not in {other}/ "
            f"({len(only)} such class(es)).\nBoth need the same class folders."
        )


def empty_class(folder: Path, remedy: str = "Add images or remove the folder") -> UserError:
    """The error for a class folder without a single image."""
    return UserError(f"Class folder {folder} holds no image.\n{remedy}.")
