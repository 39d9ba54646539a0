"""Upload of a study's offline runs to Weights & Biases, by ``wandb sync``."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from nullfit.errors import UserError
from nullfit.tracking.wandb_run import files_in

_PATIENCE_SECONDS = 10.0
_OFFLINE = "offline-run-*"
_NO_KEY = ("not authenticated", "no api key", "not logged in", "wandb login")


def waiting(study: Path) -> list[Path]:
    """The offline run files of a study that were not uploaded, by job, then by start.

    Uploaded ones are those that W&B marks with a file ``….wandb.synced`` beside them.
    """
    return [file for file in recorded(study) if not was_uploaded(file)]


def recorded(study: Path) -> list[Path]:
    """All offline run files of a study, by job, then by start (which their folders' names tell)."""
    return sorted(
        (file for file in study.glob(f"*/wandb/{_OFFLINE}/run-*.wandb")),
        key=lambda file: (file.parents[2].name, file.parent.name),
    )


def was_uploaded(file: Path) -> bool:
    """Whether W&B marked this file as synchronized."""
    return file.with_suffix(".wandb.synced").exists()


def command(file: Path) -> list[str]:
    """The command that uploads one run file."""
    return [sys.executable, "-m", "wandb", "sync", str(file.parent)]


def upload(files: list[Path]) -> Iterator[Path]:
    """Upload one after the other; each is yielded once it is there.

    Raises:
        UserError: W&B refuses, has no key, or cannot be reached. What was uploaded stays so.
    """
    _see_server()
    for file in files:
        with files_in(file.parents[1]):
            done = subprocess.run(
                command(file),
                env={key: value for key, value in os.environ.items() if key != "WANDB_MODE"},
                stdin=subprocess.DEVNULL,  # never wait for a key to be typed in
                capture_output=True,
                text=True,
                check=False,
            )
        if not was_uploaded(file):
            raise _refusal(file, (done.stdout + done.stderr).strip())
        yield file


def _see_server() -> None:
    """W&B itself would go on trying for hours.

    Raises:
        UserError: nothing answers.
    """
    server = _server()
    try:
        urllib.request.urlopen(f"{server}/healthz", timeout=_PATIENCE_SECONDS).close()
    except urllib.error.HTTPError as error:
        error.close()  # an answer, whatever it says
    except OSError as error:
        raise UserError(
            f"task=sync cannot reach Weights & Biases at {server} ({error}).\n"
            "Check the network; a server of your own is named by WANDB_BASE_URL."
        ) from error


def _server() -> str:
    import wandb  # noqa: PLC0415

    return str(wandb.setup().settings.base_url)


def _refusal(file: Path, told: str) -> UserError:
    lines = [line.removeprefix("wandb:").strip() for line in told.splitlines()]
    if any(sign in told.lower() for sign in _NO_KEY):
        return UserError(
            "task=sync needs a key of Weights & Biases: run `wandb login`, or set WANDB_API_KEY.\n"
            "What was uploaded before stays so; the same command goes on with the rest."
        )
    reason = next((line for line in reversed(lines) if "rror" in line), (lines or [""])[-1])
    return UserError(
        f"task=sync: {file.parent} could not be uploaded: {reason or 'no reason given'}\n"
        "Check the network and WANDB_BASE_URL; the same command goes on with the rest."
    )
