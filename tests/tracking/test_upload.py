import os
import sys
from pathlib import Path
from typing import Any

import pytest
from wandb.proto.wandb_internal_pb2 import Record, RunRecord

from nullfit.errors import UserError
from nullfit.tasks.sync import SyncSettings, sync
from nullfit.tracking import upload
from nullfit.tracking.record_file import RecordWriter
from nullfit.tracking.records import records_of
from nullfit.tracking.upload import recorded, waiting
from nullfit.tracking.uploader import mark_of

RECORD = Record(run=RunRecord(project="nullfit", run_id="a1"))
HERE = (None, "nullfit")
NOBODY = "http://127.0.0.1:9"  # the discard port: refused at once


def _recorded(study: Path, job: str, start: str, run: str = "a1") -> Path:
    folder = study / job / "wandb" / f"offline-run-{start}-{run}"
    folder.mkdir(parents=True)
    file = folder / f"run-{run}.wandb"
    writer = RecordWriter(file)
    writer.write(RECORD)
    writer.close()
    os.utime(file, (0, 0))  # nobody writes to it any more
    return file


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return tmp_path / "outputs" / "default"


def test_order_is_by_job_then_start(study: Path) -> None:
    later = _recorded(study, "a", "20260102_000000")
    other = _recorded(study, "b", "20250101_000000")
    earlier = _recorded(study, "a", "20260101_000000")
    (study / "a" / "wandb" / "run-20240101_000000-x").mkdir()  # an online run
    assert recorded(study) == [study / "a", study / "b"]
    assert records_of(study / "a") == [earlier, later]
    assert records_of(study / "b") == [other]


def test_what_wandb_marked_is_not_uploaded_again(study: Path) -> None:
    first, _ = _recorded(study, "a", "1"), _recorded(study, "b", "2")
    mark_of(first).touch()
    assert waiting(study) == [study / "b"]
    _recorded(study, "a", "3")
    assert waiting(study) == [study / "a", study / "b"]


def test_each_run_once_in_order(
    study: Path, make_config: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    files = [_recorded(study, job, "1") for job in "ba"][::-1]
    told = []

    def uploads(arguments: list[str], limit: float) -> str:
        told.append(Path(arguments[-1]))
        mark_of(told[-1]).touch()
        return ""

    monkeypatch.setattr(upload, "_said", uploads)
    monkeypatch.setattr(upload, "_see_server", lambda: None)
    config = make_config("task=sync")
    for _ in range(2):
        sync(config, study / "sync", sync=SyncSettings(limit=1.0))
    assert told == files
    assert "[2/2] b: uploaded" in capsys.readouterr().out


def test_a_refused_run_does_not_keep_the_others(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, other = [_recorded(study, job, "1") for job in "ab"]

    def refuses(arguments: list[str], limit: float) -> str:
        if arguments[-1] == str(other):
            mark_of(other).touch()
        return "wandb: ERROR permission denied\n"

    monkeypatch.setattr(upload, "_said", refuses)
    monkeypatch.setattr(upload, "_see_server", lambda: None)
    done = []
    with pytest.raises(UserError, match=r"a could not be uploaded: ERROR permission denied"):
        done.extend(upload.upload(waiting(study), HERE, 60.0))
    assert upload.was_uploaded(other)


def test_without_key(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real `wandb sync` in a home without a key: it refuses before it looks for a server."""
    for name, value in (("HOME", tmp_path), ("TMPDIR", tmp_path), ("WANDB_BASE_URL", NOBODY)):
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setattr(upload, "_see_server", lambda: None)
    with pytest.raises(UserError, match="needs a key of Weights & Biases: run `wandb login`"):
        list(upload.upload([_recorded(study, "a", "1").parents[2]], HERE, 60.0))


def test_without_network(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "_server", lambda: NOBODY)
    with pytest.raises(UserError, match=f"cannot reach Weights & Biases at {NOBODY}"):
        list(upload.upload([_recorded(study, "a", "1").parents[2]], HERE, 60.0))


def test_study_without_offline_runs(make_config: Any, study: Path) -> None:
    with pytest.raises(UserError, match="study=default has no offline run"):
        sync(make_config("task=sync"), study / "sync", sync=SyncSettings(limit=1.0))


def test_server_that_dies_midway_is_given_up(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = [sys.executable, "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr(upload, "upload_command", lambda *_, **__: waits)
    monkeypatch.setattr(upload, "_see_server", lambda: None)
    with pytest.raises(UserError, match=r"a was not uploaded in sync.limit=0.2 seconds"):
        list(upload.upload([_recorded(study, "a", "1").parents[2]], HERE, 0.2))
