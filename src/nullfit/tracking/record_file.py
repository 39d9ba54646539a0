"""The file in which W&B records a run offline: LevelDB's log format around its messages.

The file has blocks of 32 KiB, the first one after a header of seven bytes. Each chunk in a block
has a checksum (4 bytes), a length (2 bytes, little end first) and a kind: a whole message, or the
first, a middle or the last part of one.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nullfit.errors import UserError
from nullfit.system.reading import RECORD_BYTES, read_regular

Record = Any  # wandb.proto.wandb_internal_pb2.Record, a class that is made at run time

_HEADER = struct.pack("<4sHB", b":W&B", 0xBEE1, 0)
_BLOCK = 32 * 1024
_CHUNK = struct.Struct("<IHB")
_WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


def read_records(path: Path, place: int = 0) -> tuple[list[Record], int]:
    """The messages from a place in the file on, and the place after the last one.

    It stops where the file does, in the middle of a message or not, and where it is damaged: a
    process that was killed may have left anything. Someone who reads on later gives the place.
    """
    from google.protobuf.message import DecodeError  # noqa: PLC0415
    from wandb.proto import wandb_internal_pb2 as messages  # noqa: PLC0415

    try:
        content = read_regular(path, RECORD_BYTES)
    except UserError:  # a link, a pipe: no record of ours
        return [], 0
    if content[: len(_HEADER)] != _HEADER:
        return [], 0
    found = []
    place = max(place, len(_HEADER))
    while (message := _message(content, place)) is not None:
        text, end = message
        try:
            record = messages.Record.FromString(text)  # type: ignore[attr-defined]
        except DecodeError:
            break
        found.append(record)
        place = end
    return found, place


def _message(content: bytes, place: int) -> tuple[bytes, int] | None:
    """The whole message at a place, and the place after it; None if there is none."""
    parts: list[bytes] = []
    while True:
        room = _BLOCK - place % _BLOCK
        if room < _CHUNK.size:  # padding at the end of a block
            place += room
        if place + _CHUNK.size > len(content):
            return None
        checksum, length, kind = _CHUNK.unpack_from(content, place)
        place += _CHUNK.size
        part = content[place : place + length]
        place += length
        expected = (_MIDDLE, _LAST) if parts else (_WHOLE, _FIRST)
        if len(part) < length or kind not in expected or checksum != _checksum(kind, part):
            return None
        parts.append(part)
        if kind in (_WHOLE, _LAST):
            return b"".join(parts), place


def _checksum(kind: int, part: bytes) -> int:
    return zlib.crc32(part, zlib.crc32(bytes([kind])))


class RecordWriter:
    """Writes such a file from its beginning; others may read it meanwhile."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)
        self._file.write(_HEADER)
        self._place = len(_HEADER)
        self._written = 0

    def write(self, record: Record) -> None:
        """Append a message, under the number that follows."""
        self._written += 1
        record.num = self._written
        self._file.write(b"".join(self._chunks(record.SerializeToString())))

    def _chunks(self, left: bytes) -> Iterator[bytes]:
        kind = _WHOLE
        while True:
            room = _BLOCK - self._place % _BLOCK
            if room < _CHUNK.size:
                yield bytes(room)
                self._place += room
                continue
            part, left = left[: room - _CHUNK.size], left[room - _CHUNK.size :]
            if left:
                kind = _FIRST if kind == _WHOLE else _MIDDLE
            elif kind != _WHOLE:
                kind = _LAST
            yield _CHUNK.pack(_checksum(kind, part), len(part), kind) + part
            self._place += _CHUNK.size + len(part)
            if not left:
                return

    def close(self) -> None:
        """Close the file."""
        self._file.close()
