import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nullfit.errors import UserError
from nullfit.tasks.sync import SyncSettings, sync
from nullfit.tracking import upload
from nullfit.tracking.upload import command, recorded, waiting

NOBODY = "http://127.0.0.1:9"  # the discard port: refused at once


def _recorded(study: Path, job: str, start: str, run: str = "a1") -> Path:
    folder = study / job / "wandb" / f"offline-run-{start}-{run}"
    folder.mkdir(parents=True)
    file = folder / f"run-{run}.wandb"
    file.write_bytes(b":W&B")
    return file


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return tmp_path / "outputs" / "default"


def test_order_is_by_job_then_start(study: Path) -> None:
    later = _recorded(study, "a", "20260102_000000")
    other = _recorded(study, "b", "20250101_000000")
    earlier = _recorded(study, "a", "20260101_000000")
    (study / "a" / "wandb" / "run-20240101_000000-x").mkdir()  # an online run
    assert recorded(study) == [earlier, later, other]


def test_what_wandb_marked_is_not_uploaded_again(study: Path) -> None:
    first, second = _recorded(study, "a", "1"), _recorded(study, "b", "2")
    first.with_suffix(".wandb.synced").touch()
    assert waiting(study) == [second]


def test_command_is_one_that_wandb_knows(study: Path) -> None:
    file = _recorded(study, "a", "1")
    assert command(file) == [sys.executable, "-m", "wandb", "sync", str(file.parent)]
    dry = [*command(file), "--dry-run"]
    told = subprocess.run(dry, capture_output=True, text=True, check=True)
    assert "1 run(s)" in told.stdout + told.stderr
    assert file.name in told.stdout + told.stderr


def test_each_run_once_in_order(
    study: Path, make_config: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    files = [_recorded(study, job, "1") for job in "ba"][::-1]
    told = []

    def wandb_sync(arguments: list[str], limit: float) -> str:
        told.append(arguments[-1])
        (file,) = Path(arguments[-1]).glob("*.wandb")
        file.with_suffix(".wandb.synced").touch()
        return ""

    monkeypatch.setattr(upload, "_said", wandb_sync)
    monkeypatch.setattr(upload, "_see_server", lambda: None)
    config = make_config("task=sync")
    for _ in range(2):
        sync(config, study / "sync", sync=SyncSettings(limit=1.0))
    assert told == [str(file.parent) for file in files]
    assert "[2/2] b: uploaded" in capsys.readouterr().out


def test_refused_run_stops_the_upload(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [_recorded(study, job, "1") for job in "ab"]
    monkeypatch.setattr(upload, "_said", lambda *_: "wandb: ERROR permission denied\n")
    monkeypatch.setattr(upload, "_see_server", lambda: None)
    with pytest.raises(UserError, match=r"a.* could not be uploaded: ERROR permission denied"):
        list(upload.upload(files, 60.0))


def test_without_key(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real `wandb sync` in a home without a key: it refuses before it looks for a server."""
    for name, value in (("HOME", tmp_path), ("TMPDIR", tmp_path), ("WANDB_BASE_URL", NOBODY)):
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setattr(upload, "_see_server", lambda: None)
    with pytest.raises(UserError, match="needs a key of Weights & Biases: run `wandb login`"):
        list(upload.upload([_recorded(study, "a", "1")], 60.0))


def test_without_network(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "_server", lambda: NOBODY)
    with pytest.raises(UserError, match=f"cannot reach Weights & Biases at {NOBODY}"):
        list(upload.upload([_recorded(study, "a", "1")], 60.0))


def test_study_without_offline_runs(make_config: Any, study: Path) -> None:
    with pytest.raises(UserError, match="study=default has no offline run"):
        sync(make_config("task=sync"), study / "sync", sync=SyncSettings(limit=1.0))


def test_server_that_dies_midway_is_given_up(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = [sys.executable, "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr(upload, "command", lambda _: waits)
    monkeypatch.setattr(upload, "_see_server", lambda: None)
    with pytest.raises(UserError, match=r"a1 was not uploaded in sync.limit=0.2 seconds"):
        list(upload.upload([_recorded(study, "a", "1")], 0.2))
