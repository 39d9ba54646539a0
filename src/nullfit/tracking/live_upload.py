"""The upload of a run's record while the run goes on, by a process of its own.

The run itself writes to the disk alone, so that no server, however it fails, can stop it or slow it
down. That process follows the record, and ends with its parent.
"""

import os
import signal
import subprocess
from pathlib import Path

from nullfit.system.reading import read_end
from nullfit.tracking.records import records_of
from nullfit.tracking.uploader import upload_command

# What W&B says, in lower letters, where it finds no key.
_NO_KEY = ("not authenticated", "no api key", "not logged in", "wandb login")

_GRACE_SECONDS = 1.0  # between asking the process to end and ending it


class LiveUpload:
    """Follows the record in ``folder`` (``offline-run-…``) until `finish`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = folder / "logs" / "upload.log"
        self._log.parent.mkdir(parents=True, exist_ok=True)
        file = folder / f"run-{folder.name.rpartition('-')[2]}.wandb"
        earlier = [r for r in records_of(folder.parents[1]) if r.parent.name < folder.name]
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                upload_command([*earlier, file], live=True),
                env={key: value for key, value in os.environ.items() if key != "WANDB_MODE"},
                stdin=subprocess.PIPE,  # closes when this process ends, however it does
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl+C is not for it
            )

    def finish(self, patience: float) -> str | None:
        """Wait so many seconds for the end of the upload, then end it.

        Returns why the record was not uploaded as a whole; None if it was.
        """
        try:
            self._process.wait(patience)
            slow = False
        except subprocess.TimeoutExpired:
            slow = True
        self.stop()
        if any(self.folder.glob("*.wandb.synced")):
            return None
        if slow:
            return f"the server did not take it within {patience:g} s of the run's end"
        output = read_end(self._log).decode(errors="replace")
        if lacks_key(output):
            return "it has no key of yours: run `wandb login`, or set WANDB_API_KEY"
        return reason_in(output)

    def stop(self) -> None:
        """End the process and its own."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, how)
                self._process.wait(_GRACE_SECONDS)
            except ProcessLookupError:  # nobody is left
                break
            except subprocess.TimeoutExpired:
                continue
        self._process.wait()


def lacks_key(output: str) -> bool:
    """Whether W&B says that it has no key."""
    return any(sign in output.lower() for sign in _NO_KEY)


def reason_in(output: str) -> str:
    """Why, by what W&B said: the last line about an error, or the last one."""
    lines = [line.removeprefix("wandb:").strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "rror" in line]
    return (errors or lines or ["no reason given"])[-1]
