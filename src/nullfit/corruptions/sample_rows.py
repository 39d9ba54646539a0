"""Rows of a CSV file that name samples: by their place in the source, or by their file."""

import csv
import io
import os
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from nullfit.corruptions.corruption import Origin
from nullfit.errors import UserError, shown

_MOST_SAMPLES = 2**31
_SEVERAL = -1  # files of one name


class SampleRows:
    """The rows of a file in UTF-8 whose heading has ``index`` or ``file``, and a ``column``.

    Where it has both, ``index`` says which sample it is, and ``file`` has to be the name of that
    one. ``strangers`` are, once they were gone through, names in it that no training image has.
    """

    def __init__(
        self, content: bytes, path: str, origin: Origin, column: str | None = None
    ) -> None:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UserError(f"{path} is no CSV file in UTF-8: {error}.") from error
        self.path, self.strangers = path, list[str]()
        self._rows = csv.DictReader(io.StringIO(text, newline=""), skipinitialspace=True)
        self.heading = [name.strip() for name in self._rows.fieldnames or []]
        self._rows.fieldnames = self.heading
        by = next((name for name in ("index", "file") if name in self.heading), None)
        if by is None or (column is not None and column not in self.heading):
            if len(self.heading) == 1 and ";" in self.heading[0]:
                raise UserError(
                    f"{path}: columns are separated by commas, and its heading has semicolons: "
                    f"{shown(self.heading[0])}. Save it with commas."
                )
            more, example = ("", "label") if column is None else (f", and {column}", column)
            raise UserError(
                f"{path} has the columns {shown(', '.join(self.heading))}; it needs index or "
                f"file{more}: a heading such as index,{example}."
            )
        self._by, self._once = by, column is not None  # two values of a sample could differ
        self._place_of = _indices(origin) if by == "index" else _file_places(origin, path)
        self._files = origin.files

    def __iter__(self) -> Iterator[tuple[int, dict[str, str | None], str]]:
        """The place of each sample in its source, its row, and where that stands, for messages.

        Raises:
            UserError: a row cannot be read, names no sample of the source, has the name of another
                sample than its index, or a second value for a sample.
        """
        known = set[int]()
        try:
            for row in self._rows:
                where = f"{self.path}, line {self._rows.line_num}"
                place = self._place_of(row[self._by] or "", where)
                if place is None:
                    self.strangers.append(row[self._by] or "")
                    continue
                if self._by == "index":
                    self._check_name(place, _plain((row.get("file") or "").strip()), where)
                if self._once and place in known:
                    raise UserError(f"{where}: {self._by} {shown(row[self._by])} was there before.")
                known.add(place)
                yield place, row, where
        except csv.Error as error:
            raise UserError(f"{self.path}, line {self._rows.line_num}: {error}.") from error

    def _check_name(self, place: int, name: str, where: str) -> None:
        if not name:
            return
        if self._files is None:
            raise UserError(
                f"{where}: it has file={shown(name)}, and the training images have no names here: "
                "the list is of other data."
            )
        own = "none" if place >= len(self._files) else _written(self._files[place])
        if own != name and not own.endswith(f"/{name}"):
            raise UserError(
                f"{where}: index {place} is {shown(own)} here, not {shown(name)}: images moved "
                "since, or the list is of other data.\nIf the names are right, take out the column "
                "index, and rows whose image is no longer there."
            )


def _indices(origin: Origin) -> Callable[[str, str], int | None]:
    """What reads the place of a sample."""
    samples = _MOST_SAMPLES if origin.labels is None else len(origin.labels)

    def place_of(text: str, where: str) -> int:
        if not (text.isdecimal() and len(text) < 20 and int(text) < samples):
            raise UserError(f"{where}: index={shown(text)} is not in 0 to {samples - 1:,}.")
        return int(text)

    return place_of


def _file_places(origin: Origin, path: str) -> Callable[[str, str], int | None]:
    """What finds the place of a file by its name: below the data folder, below train/, or alone."""
    if origin.files is None:
        raise UserError(
            f"{path} names files, and the training images have no names here: they are in no "
            "folder of images, or it holds files that are no images.\nName them by index."
        )
    names = [_plain(os.fsdecode(bytes(name))) for name in origin.files]
    below = {name.partition("/")[2]: place for place, name in enumerate(names)}
    places = {name: place for place, name in enumerate(names)} | below
    alone = _alone(names)

    def place_of(text: str, where: str) -> int | None:
        name = _plain(text.strip())
        if name in places:
            return places[name]
        if "/" in name:
            return None
        if alone.get(name) == _SEVERAL:
            raise UserError(
                f"{where}: several training images have the name {shown(name)}: name their folders "
                "as well, as in cat/1.png."
            )
        return alone.get(name)

    return place_of


def _alone(names: Sequence[str]) -> dict[str, int]:
    """Places by names without folders, `_SEVERAL` for a name that several have."""
    found: dict[str, int] = {}
    for place, name in enumerate(names):
        last = name.rpartition("/")[2]
        found[last] = _SEVERAL if last in found else place
    return found


def _written(name: bytes) -> str:
    """The name of a file as samples.csv has it."""
    return _plain(os.fsdecode(bytes(name)).encode("utf-8", "replace").decode())


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name.replace("\\", "/").removeprefix("./"))
