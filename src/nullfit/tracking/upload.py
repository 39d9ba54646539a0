"""Upload of a study's offline runs to Weights & Biases, by ``wandb sync``."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from nullfit.errors import UserError
from nullfit.tracking.live_upload import NO_KEY
from nullfit.tracking.wandb_run import files_in

_PATIENCE_SECONDS = 10.0
_OFFLINE = "offline-run-*"


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


def upload(files: list[Path], limit: float) -> Iterator[Path]:
    """Upload one after the other, each in so many seconds; each is yielded once it is there.

    Raises:
        UserError: W&B refuses, has no key, cannot be reached or takes too long. What was uploaded
            stays so.
    """
    _see_server()
    for file in files:
        with files_in(file.parents[1]):
            told = _said(command(file), limit)
        if was_uploaded(file):
            yield file
        elif told is None:
            raise UserError(
                f"task=sync: {file.parent} was not uploaded in sync.limit={limit:g} seconds.\n"
                "Check the network and the server, or give it longer; the same command goes on "
                "with what is left."
            )
        else:
            raise _refusal(file, told)


def _said(arguments: list[str], limit: float) -> str | None:
    """What a command said, on either output; None if it had to be ended at the limit."""
    with subprocess.Popen(
        arguments,
        env={key: value for key, value in os.environ.items() if key != "WANDB_MODE"},
        stdin=subprocess.DEVNULL,  # never wait for a key to be typed in
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # a group of its own, to be ended as a whole
    ) as process:
        try:
            return process.communicate(timeout=limit)[0].strip()
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end(process.pid)


def _end(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


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
    if any(sign in told.lower() for sign in NO_KEY):
        return UserError(
            "task=sync needs a key of Weights & Biases: run `wandb login`, or set WANDB_API_KEY.\n"
            "What was uploaded before stays so; the same command goes on with the rest."
        )
    reason = next((line for line in reversed(lines) if "rror" in line), (lines or [""])[-1])
    return UserError(
        f"task=sync: {file.parent} could not be uploaded: {reason or 'no reason given'}\n"
        "Check the network and WANDB_BASE_URL; the same command goes on with the rest."
    )
