"""What a stranger's record of Weights & Biases, or the folder around it, may not do.

To add an attack, add a line to one of the tables.
"""

import os
import shutil
from pathlib import Path

import pytest
import yaml
from wandb.proto import wandb_internal_pb2 as messages

from nullfit.config.schema import RunConfig
from nullfit.config.sections.loggers import WandbLogger
from nullfit.errors import StorageError
from nullfit.system.files import keep_below
from nullfit.tracking import completion, upload
from nullfit.tracking.own_messages import is_own
from nullfit.tracking.record_file import RecordWriter, read_records
from nullfit.tracking.records import records_of
from nullfit.tracking.transcript import Transcript
from nullfit.tracking.wandb_files import files_in
from tests.commands import run_command

PINNED = Path(__file__).parents[1] / "finished_runs/outputs/pinned"
Record = messages.Record
TABLE = {"type": "run_table", "name": "t", "project": "nullfit"}
HERE = (None, "nullfit")


def _files(path: str) -> Record:
    record = Record()
    record.files.files.add(path=path)
    return record


def _artifact(manifest: dict[str, str] | None = None, **fields: str) -> Record:
    record = Record(artifact=messages.ArtifactRecord(**{**TABLE, **fields}))
    for name, value in (manifest or {}).items():
        if name == "manifest_file_path":
            record.artifact.manifest.manifest_file_path = value
        else:
            record.artifact.manifest.contents.add(**{"path": "a.table.json", name: value})
    return record


REFUSED = {
    "a file above": _files("../../../.ssh/id_rsa"),
    "a file above, by a detour": _files("media/../../../../.netrc"),
    "a file by its whole path": _files("/etc/passwd"),
    "a file of another system": _files("..\\secret"),
    "a file's name with a NUL": _files("a\0b"),
    "a manifest in a file": _artifact({"manifest_file_path": "/etc/passwd"}),
    "a reference": _artifact({"ref": "file:///etc/passwd"}),
    "a reference to a bucket": _artifact({"ref": "s3://private/x"}),
    "a job that the server starts": _artifact({"path": "x"}, type="job"),
    "a model": _artifact({"path": "x"}, type="model"),
    "a path in a table": _artifact({"path": "../x"}),
}


@pytest.mark.parametrize("record", REFUSED.values(), ids=list(REFUSED))
def test_files_of_the_run_alone_are_sent(record: Record, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the record"):
        is_own(record, tmp_path)


LEFT_OUT = {
    "a folder of TensorBoard": Record(tbrecord=messages.TBRecord(log_dir="/private", save=True)),
    "another artifact": Record(use_artifact=messages.UseArtifactRecord(id="x", type="y", name="z")),
    "a request": Record(request=messages.Request(download_artifact={})),
    "a message to people": Record(alert=messages.AlertRecord(title="x", text="y")),
    "lines of a terminal": Record(output_raw=messages.OutputRawRecord(line="x")),
    "a table whose file is elsewhere": _artifact({"local_path": "/etc/passwd"}),
}


@pytest.mark.parametrize("record", LEFT_OUT.values(), ids=list(LEFT_OUT))
def test_messages_that_no_run_writes_are_left_out(record: Record, tmp_path: Path) -> None:
    part = _recorded(tmp_path, Record(run=messages.RunRecord(run_id="a")), record)
    transcript = Transcript([part], tmp_path / "wandb/offline-upload-a", 0)
    transcript.copy()
    transcript.close()
    kinds = [r.WhichOneof("record_type") for r in read_records(transcript.file)[0]]
    assert kinds == ["run"]


def test_the_file_of_a_table_is_the_runs_own(tmp_path: Path) -> None:
    staged = tmp_path / "artifacts/staging/t1"
    staged.parent.mkdir(parents=True)
    staged.write_text("{}")
    record = _artifact({"local_path": "/home/before/the/move/artifacts/staging/t1"})
    assert is_own(record, tmp_path)
    assert record.artifact.manifest.contents[0].local_path == str(staged)
    staged.unlink()
    staged.symlink_to("/etc/passwd")
    assert not is_own(record, tmp_path)


def _recorded(run: Path, *records: Record) -> Path:
    file = run / "wandb/offline-run-1-a/run-a.wandb"
    file.parent.mkdir(parents=True)
    writer = RecordWriter(file)
    for record in records:
        writer.write(record)
    writer.close()
    return file


PLACES = {
    "a stranger's team": ({"entity": "stranger", "project": "nullfit"}, "logger.entity=stranger"),
    "an open project": ({"project": "open"}, "logger.project=open"),
    "a project with blanks": ({"project": "a b"}, "'logger.project=a b'"),
}


@pytest.mark.parametrize(("named", "hint"), PLACES.values(), ids=list(PLACES))
def test_a_record_does_not_choose_where_it_goes(
    named: dict[str, str], hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "_see_server", lambda: None)
    _recorded(tmp_path, Record(run=messages.RunRecord(run_id="a", **named)))
    with pytest.raises(upload._RefusedError, match=rf"there add .*{hint}$"):
        list(upload.upload([tmp_path], HERE, 1.0))


LINKS = {
    "the folder": ".",
    "tables": "artifacts",
    "tables' files": "artifacts/staging",
    "logs": "wandb/logs",
    "a log": "wandb/logs/core-debug.log",
    "an upload": "offline-upload-a",
    "a link deep down": "a/latest-run",
}


@pytest.mark.parametrize("name", LINKS.values(), ids=list(LINKS))
def test_no_link_is_written_through(name: str, tmp_path: Path) -> None:
    victim, folder = tmp_path / "victim", tmp_path / "outputs/s/job/wandb"
    victim.mkdir()
    keep_below(tmp_path / "outputs")
    (folder / name).parent.mkdir(parents=True)
    (folder / name).symlink_to(victim)
    refused = pytest.raises(StorageError, match=r"is a link to .*\nRemove the link")
    with refused, files_in(folder):
        pass
    assert not list(victim.iterdir())


SETTINGS = ("wandb/settings", ".wandb/settings")


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_in_the_working_folder_are_not_obeyed(name: str, tmp_path: Path) -> None:
    """The server of the home folder's settings is asked, which nobody answers for."""
    for path, port in ((tmp_path / name, 9), (tmp_path / "home/.config/wandb/settings", 19)):
        path.parent.mkdir(parents=True)
        path.write_text(f"[default]\nbase_url = http://127.0.0.1:{port}\n")
    run = tmp_path / "outputs/default/job"
    _recorded(run, Record(run=messages.RunRecord(run_id="a", project="nullfit")))
    home = {"HOME": str(tmp_path / "home")}
    done = run_command("task=sync", "trainer.progress=false", cwd=tmp_path, env=home)
    assert done.returncode == 2
    assert "cannot reach Weights & Biases at http://127.0.0.1:19" in done.stderr
    assert f"nullfit: {name} in this folder is not read" in done.stderr


def test_defaults_in_the_working_folder_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config-defaults.yaml")  # W&B would wait for it
    small = ("logger=wandb", "trainer.max_epochs=1", "data.train_limit=100", "job=job")
    done = run_command(*small, cwd=tmp_path, env={"HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert "config-defaults.yaml in this folder is not read" in done.stderr


def test_what_a_record_lacks_is_added_for_the_commands_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = tmp_path / "job"
    shutil.copytree(next(PINNED.glob("mlp_1x512-digits-none-seed0-*")), job)
    config = yaml.safe_load((job / "config.yaml").read_text())
    stranger = {"project": "open", "entity": "stranger", "mode": "offline"}
    config["logger"] = {**wandb_defaults(), **stranger}
    (job / "config.yaml").write_text(yaml.safe_dump(config))
    _recorded(job, Record(run=messages.RunRecord(run_id="a", project="nullfit")))
    told: list[RunConfig] = []
    monkeypatch.setattr(completion, "_record", lambda config, *_: told.append(config))
    monkeypatch.setattr(completion, "settle", lambda _: None)
    completion.complete(job, records_of(job), "a", HERE)
    (given,) = told
    assert isinstance(given.logger, WandbLogger)
    assert (given.logger.entity, given.logger.project) == HERE


def wandb_defaults() -> dict[str, object]:
    return {"name": "wandb", "step_loss_budget": 0.0, "patience": 1.0}
