"""A process of its own that uploads a run's record while the run goes on.

The run itself writes to the disk alone, so that no server, however it fails, can stop it or slow it
down. Run as a module, this file is that process: it follows one record, and ends with its parent.
"""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

# What W&B says, in lower letters, where it finds no key.
NO_KEY = ("not authenticated", "no api key", "not logged in", "wandb login")

_GRACE_SECONDS = 1.0  # between asking the process to end and ending it


class LiveUpload:
    """Follows the record in ``folder`` (``offline-run-…``) until `finish`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = folder / "logs" / "upload.log"
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(folder)],
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
        return _reason(self._log.read_text(encoding="utf-8", errors="replace"))

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


def _reason(told: str) -> str:
    """Why, by what W&B said: the last line about an error, or the last one."""
    lines = [line.removeprefix("wandb:").strip() for line in told.splitlines() if line.strip()]
    if any(sign in told.lower() for sign in NO_KEY):
        return "it has no key of yours: run `wandb login`, or set WANDB_API_KEY"
    errors = [line for line in lines if "rror" in line]
    return (errors or lines or ["no reason given"])[-1]


def _follow(folder: str) -> None:
    """Upload what is in the folder and what is still coming; end when standard input does."""
    from wandb.cli.cli import cli  # noqa: PLC0415

    parent = sys.stdin

    def watch() -> None:
        parent.read()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    with open(os.devnull, encoding="utf-8") as nobody:
        sys.stdin = nobody  # W&B must not wait for a key to be typed in
        cli(["beta", "sync", "--live", folder], standalone_mode=False)


if __name__ == "__main__":
    _follow(sys.argv[1])
