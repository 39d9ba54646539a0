"""Reads what a run in Weights & Biases really recorded: LevelDB's log format around records.

The file has blocks of 32 KiB, the first one after a header of seven bytes. Each chunk in a block
has a checksum (4 bytes), a length (2 bytes, little end first) and a kind: a whole record, or the
first, a middle or the last part of one.
"""

import json
import struct
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wandb.proto.wandb_internal_pb2 import Record

_BLOCK, _FILE_HEADER, _CHUNK_HEADER = 32 * 1024, 7, 7
_PATIENCE_SECONDS = 120.0
_WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


def records(path: Path) -> list[Record]:
    content = path.read_bytes()
    assert content[:4] in (b":W&B", b"")  # nothing yet
    found, parts, at = [], b"", _FILE_HEADER
    while at + _CHUNK_HEADER <= len(content):
        if _BLOCK - at % _BLOCK < _CHUNK_HEADER:  # padding at the end of a block
            at += _BLOCK - at % _BLOCK
            continue
        _, length, kind = struct.unpack_from("<IHB", content, at)
        at += _CHUNK_HEADER
        if at + length > len(content):
            break
        if kind in (_WHOLE, _FIRST):
            parts = b""
        parts += content[at : at + length]
        at += length
        if kind in (_WHOLE, _LAST):
            found.append(Record.FromString(parts))
    return found


@dataclass
class Recorded:
    """What stands in a run file, by its kind. Nested keys are joined with a dot."""

    run: Any = None
    exit_code: int | None = None
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    artifacts: list[Any] = field(default_factory=list)
    alerts: list[Any] = field(default_factory=list)


def finished_records(path: Path) -> list[Record]:
    """All records: W&B's own process may write the last ones after the run was finished."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        found = records(path)
        if any(record.WhichOneof("record_type") == "exit" for record in found):
            return found
        assert time.monotonic() < end, f"{path} has no end"
        time.sleep(0.05)


def read(path: Path) -> Recorded:
    found = Recorded()
    for record in finished_records(path):
        kind = record.WhichOneof("record_type")
        content = getattr(record, kind) if kind else None
        if kind == "run":
            found.run = content
            found.config |= _items(content.config.update)
        elif kind == "config":
            found.config |= _items(content.update)
        elif kind == "summary":
            found.summary |= _items(content.update)
        elif kind == "history":
            found.history.append(_items(content.item))
        elif kind == "metric":
            found.metrics[content.name or content.glob_name] = content
        elif kind == "files":
            found.files += [file.path for file in content.files]
        elif kind == "artifact":
            found.artifacts.append(content)
        elif kind == "alert":
            found.alerts.append(content)
        elif kind == "exit":
            found.exit_code = content.exit_code
    return found


def _items(items: Any) -> dict[str, Any]:
    return {".".join(item.nested_key) or item.key: json.loads(item.value_json) for item in items}
