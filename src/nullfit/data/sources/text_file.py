"""Text files of fields: in which encoding they are, and what separates the fields."""

import codecs
import csv
import io
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from nullfit.errors import UserError

_HEAD = 2**18  # bytes that tell what separates fields
_LINES = 100  # of them, at most
# In the order of their claim; a blank only where nothing else separates.
SEPARATORS = ("\t", ";", ",", "|")
_NAMES = {"\t": "tabs", " ": "blanks"}
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def decoded(content: bytes, encoding: str | None, path: Path, *, whole: bool = True) -> str:
    """Bytes as text. ``encoding`` null is UTF-8, or what a byte order mark says.

    What is not the ``whole`` file may end within a character.

    Raises:
        UserError: there is no such encoding, or the bytes are not in it.
    """
    name = encoding or encoding_of(content)
    try:
        text = codecs.getincrementaldecoder(name)().decode(content, whole)
    except LookupError as error:
        raise UserError(
            f"data.encoding={name} is not known: name one of Python's, such as utf-8, cp1252 "
            "(Windows, western Europe), latin-1 or utf-16."
        ) from error
    except UnicodeError as error:
        raise _not_in(name, content, path, error) from error
    if "\0" in text:
        other = "" if encoding else ", or name the encoding, such as data.encoding=utf-16-le"
        raise UserError(
            f"data.path={path} cannot be read as CSV: it is no text (it has NUL characters).\n"
            f"Save a workbook as CSV{other}."
        )
    return text


def encoding_of(content: bytes) -> str:
    """What a byte order mark says, else UTF-8."""
    return next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")


def _not_in(name: str, content: bytes, path: Path, error: UnicodeError) -> UserError:
    """Say where, and how another encoding would read that line."""
    place = error.start if isinstance(error, UnicodeDecodeError) else 0
    before = content[:place]
    line = before[before.rfind(b"\n") + 1 :] + content[place:].partition(b"\n")[0]
    other = "cp1252" if _decodes(line, "cp1252") and name != "cp1252" else "latin-1"
    return UserError(
        f"data.path={path} is not in the encoding {name}: see line {before.count(10) + 1}.\n"
        f"Name its own. data.encoding={other} would read that line as "
        f"{line.decode(other).strip()[:60]!r}."
    )


def _decodes(line: bytes, name: str) -> bool:
    try:
        return bool(line.decode(name))
    except UnicodeError:
        return False


def head_of(path: Path, encoding: str | None) -> tuple[str, str]:
    """The first lines of a file, and its encoding.

    Raises:
        UserError: as `decoded`.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(_HEAD)
        whole = not file.read(1)
    text = decoded(content, encoding, path, whole=whole)
    end = len(text) if whole else text.rfind("\n") + 1
    return text[:end], encoding or encoding_of(content)


def first_rows(text: str, separator: str, lines: int = _LINES) -> list[list[str]]:
    """The fields of the first lines, but for blank lines."""
    head = io.StringIO(text[:_HEAD], newline="")
    rows = csv.reader(head, delimiter=separator, skipinitialspace=separator != " ")
    found: list[list[str]] = []
    with suppress(csv.Error):  # a quote that does not end: who reads the whole file will say so
        found.extend(islice((row for row in rows if row), lines))
    return found


def without_mark(text: str) -> tuple[str, str | None]:
    """The text without the line ``sep=;`` of spreadsheets at its top, and what that line says.

    An empty line takes its place, so that lines keep their numbers.
    """
    mark = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    return (text, None) if mark is None else (text[mark.end() - 1 :], mark[1])


def separator_of(text: str, given: str | None) -> str:
    r"""What separates the fields of a text: what is given (``\t`` for a tab), else what is plain.

    A separator is plain if each line has it as often as the first one; separators that end a
    line count for nothing.

    Raises:
        UserError: what is given is more than one character.
    """
    if given is not None:
        separator = given.replace("\\t", "\t")
        if len(separator) != 1 or separator in '\n\r"':
            raise UserError(
                f"data.separator={given!r} is not allowed: it must be one character, such as "
                "',' or ';', or '\\t' for tabs."
            )
        return separator
    found = {separator: first_rows(text, separator) for separator in SEPARATORS}
    even = [separator for separator, rows in found.items() if _is_even(rows)]
    if even:
        return even[0]
    widths = {separator: len(rows[0]) if rows else 0 for separator, rows in found.items()}
    if max(widths.values()) <= 1 and _is_even(first_rows(text, " ")):
        return " "
    return max(SEPARATORS, key=lambda each: (widths[each], each == ","))


def _is_even(rows: Sequence[Sequence[str]]) -> bool:
    if not rows:
        return False
    width, named = len(rows[0]), _filled(rows[0])
    return width > 1 and all(len(row) >= named and _filled(row) <= width for row in rows)


def _filled(row: Sequence[str]) -> int:
    """How many fields there are without the empty ones at the end."""
    return next((at for at in range(len(row), 0, -1) if row[at - 1].strip()), 0)


def separator_name(separator: str) -> str:
    """A separator in words: ``';'``, or ``tabs``."""
    return _NAMES.get(separator, repr(separator))
