"""A process of its own that uploads the record of a run, or follows it while the run goes on.

It asks the server how many rows it has, and uploads the others, as one run: whatever ended earlier
processes of the run, or earlier uploads, nothing is sent twice. As a script it gets the records of
one run in their order; with ``--live`` the last one may still grow.
"""

import os
import shutil
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nullfit.tracking.record_file import read_records
from nullfit.tracking.transcript import Transcript

_PAUSE = 0.3  # between looks at a record that grows
# As W&B itself asks before it goes on with a run.
_ROWS = """
query RunResumeStatus($project: String, $entity: String, $run: String!) {
  model(name: $project, entityName: $entity) {
    bucket(name: $run, missingOk: true) { historyLineCount }
  }
}
"""


def upload_command(parts: Sequence[Path], *, live: bool) -> list[str]:
    """The command that uploads the records of one run."""
    flags = ["--live"] if live else []
    return [sys.executable, "-m", __name__, *flags, *map(str, parts)]


def mark_of(file: Path) -> Path:
    """The file with which W&B marks a record as uploaded."""
    return file.with_suffix(".wandb.synced")


def main(arguments: Sequence[str]) -> None:
    """Upload, and mark the records as W&B does."""
    live = "--live" in arguments
    parts = [Path(argument).absolute() for argument in arguments if argument != "--live"]
    os.chdir(os.sep)  # where W&B finds no settings of a stranger
    if live:
        _end_with_parent()
    os.environ.pop("WANDB_MODE", None)
    os.environ.setdefault("WANDB_DIR", str(parts[-1].parents[2]))  # for its logs
    # Not among the records: it is made anew for each upload.
    folder = parts[-1].parents[1] / f"offline-upload-{parts[-1].stem.removeprefix('run-')}"
    transcript = Transcript(parts, folder, _rows_on_server(_run_of(parts[-1], live)))
    if live:
        threading.Thread(target=_keep_copying, args=(transcript,), daemon=True).start()
    else:
        transcript.copy()
        transcript.close()
    _sync(transcript.file, live)
    if mark_of(transcript.file).exists():
        for part in parts:
            mark_of(part).touch()
        shutil.rmtree(folder, ignore_errors=True)


def _end_with_parent() -> None:
    """End when standard input does, which a run holds open as long as it lives."""
    parent = sys.stdin

    def watch() -> None:
        parent.read()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - nobody types in a key


def _run_of(part: Path, live: bool) -> Any:
    """What a record says of its run; W&B writes it a while after the beginning."""
    while True:
        for record in read_records(part)[0] if part.exists() else ():
            if record.WhichOneof("record_type") == "run":
                return record.run
        if not live:
            raise ValueError(f"{part} names no run")
        time.sleep(_PAUSE)


def _rows_on_server(run: Any) -> int:
    """How many rows of a run's history the server has; 0 of a run that it does not know."""
    import wandb  # noqa: PLC0415

    asked = {"entity": run.entity or None, "project": run.project, "run": run.run_id}
    # The public ``Api.run`` does not tell a run that is not there from one that cannot be read.
    answer: Any = wandb.Api()._service_api.execute_graphql(_ROWS, asked)
    project = answer.get("model") or {}
    return int((project.get("bucket") or {}).get("historyLineCount") or 0)


def _keep_copying(transcript: Transcript) -> None:
    while not transcript.copy():
        time.sleep(_PAUSE)
    transcript.close()


def _sync(file: Path, live: bool) -> None:
    from wandb.cli.cli import cli  # noqa: PLC0415

    command = ["beta", "sync", "--live"] if live else ["sync"]
    cli([*command, str(file.parent)], standalone_mode=False)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Exception as error:  # of any kind: whoever started this reads why
        print(f"{type(error).__name__}: {error}")
        sys.exit(1)
