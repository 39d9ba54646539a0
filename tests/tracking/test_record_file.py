"""W&B's files of records are read as far as they can be, and written as W&B writes them."""

from pathlib import Path

import pytest
from wandb.proto.wandb_internal_pb2 import Record

from nullfit.tracking.record_file import RecordWriter, read_records
from tests.tracking import wandb_file

BLOCK = 32 * 1024
# Some end where a block does, or so near its end that no chunk begins there; one takes four blocks.
SIZES = [0, 10, BLOCK - 80, 5, BLOCK - 60, 1, 3 * BLOCK, 7, *range(BLOCK - 40, BLOCK)]


def line(size: int) -> Record:
    record = Record()
    record.output.line = "x" * size
    return record


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "run-a.wandb"
    writer = RecordWriter(path)
    for size in SIZES:
        writer.write(line(size))
    writer.close()
    return path


def test_what_is_written_is_read(file: Path) -> None:
    records, end = read_records(file)
    assert [len(record.output.line) for record in records] == SIZES
    assert [record.num for record in records] == list(range(1, len(SIZES) + 1))
    assert end == file.stat().st_size
    assert wandb_file.records(file) == records


@pytest.mark.parametrize("length", [0, 3, 7, 8, 20, BLOCK, 4 * BLOCK + 11])
def test_a_file_that_grows_is_read_on(file: Path, length: int) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:length])
    first, place = read_records(file)
    assert place <= length
    file.write_bytes(whole)
    rest, _ = read_records(file, place)
    assert [len(record.output.line) for record in first + rest] == SIZES


def test_it_is_read_up_to_damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[2 * BLOCK] ^= 1
    file.write_bytes(content)
    records, _ = read_records(file)
    assert [len(record.output.line) for record in records] == SIZES[: len(records)]
    assert 0 < len(records) < len(SIZES)
