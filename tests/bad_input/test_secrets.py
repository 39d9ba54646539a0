"""Keys and passwords get into no file that a run writes."""

import time
from pathlib import Path

import pytest

from nullfit.tracking.records import settle
from tests.bad_input.conftest import Refuse, Run
from tests.launchers.grid import breaking

KEY, PASSWORD = "5ecre7" * 6 + "0a1b", "pa55w0rd" * 5
TINY = ("trainer.progress=false", "trainer.max_epochs=1", "data.train_limit=200")


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / ".netrc").write_text(f"machine api.wandb.ai\n  login user\n  password {PASSWORD}\n")
    (home / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("NETRC", str(home / ".netrc"))
    monkeypatch.setenv("WANDB_API_KEY", KEY)


def test_no_secret_is_written(run: Run, tmp_path: Path) -> None:
    """One job runs and is recorded offline by W&B, one fails and leaves its traceback."""
    # W&B's own process, which an earlier test may have begun elsewhere, is told the whole path.
    outputs = f"outputs={tmp_path / 'outputs'}"
    answer = run("-m", *breaking(tmp_path), "logger=wandb", outputs, *TINY)
    assert "1 of 2 jobs failed" in answer.err
    end = time.monotonic() + 60  # W&B's own process writes the records behind the run
    while len(records := [*tmp_path.rglob("run-*.wandb")]) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    assert len(records) == 2
    for record in records:
        settle(record)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    names = {path.name for path in written}
    assert {"result.json", "config.yaml", "final.ckpt", "failure.txt"} <= names
    for path in written:
        content = path.read_bytes()
        assert KEY.encode() not in content, path
        assert PASSWORD.encode() not in content, path


@pytest.mark.parametrize(
    "setting",
    [
        "data.root=${oc.env:WANDB_API_KEY}",
        f"data.root=x-{KEY}",
        "logger.project=${oc.env:WANDB_API_KEY}",
    ],
    ids=["by reference", "typed", "for W&B"],
)
def test_a_setting_with_a_secret_is_refused_and_the_secret_not_told(
    refuse: Refuse, run: Run, setting: str
) -> None:
    command = ["logger=wandb", setting]
    refuse(command, f"{setting.partition('=')[0]} holds the value of the variable WANDB_API_KEY")
    answer = run(*command)
    assert KEY not in answer.err + answer.out
