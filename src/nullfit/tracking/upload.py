"""Upload of a study's offline runs to Weights & Biases."""

import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from shlex import quote

from nullfit.console.messages import warn
from nullfit.errors import StorageError, UserError
from nullfit.system.claim import TakenError, claimed
from nullfit.system.files import refuse_links_in
from nullfit.tracking.client import client
from nullfit.tracking.live_upload import lacks_key, reason_in
from nullfit.tracking.record_file import read_records
from nullfit.tracking.records import records_of, set_empty_aside, settle
from nullfit.tracking.uploader import mark_of, upload_command
from nullfit.tracking.wandb_files import OWN_LINKS, files_in

_TIMEOUT_SECONDS = 10.0
Place = tuple[str | None, str]  # entity and project


def recorded(study: Path) -> list[Path]:
    """The folders of a study's runs that have records, by job."""
    return sorted(folder.parent for folder in study.glob("*/wandb") if records_of(folder.parent))


def waiting(study: Path) -> list[Path]:
    """Those that have a record which was not uploaded."""
    return [run for run in recorded(study) if not all(map(was_uploaded, records_of(run)))]


def was_uploaded(record: Path) -> bool:
    """Whether this record is marked as W&B marks those that are synchronized."""
    return mark_of(record).exists()


def upload(runs: Sequence[Path], place: Place, limit: float) -> Iterator[tuple[Path, str]]:
    """Upload one run after the other, each in so many seconds; yields each and what became of it.

    ``place`` is the entity and project of the command; records for others are left alone.

    Raises:
        UserError: W&B has no key, cannot be reached or takes too long; or, after the others were
            uploaded, it refused some. What was uploaded stays so.
    """
    _see_server()
    refused: list[UserError] = []
    for run in runs:
        try:
            with claimed(run, run.name, wait=False):
                yield run, _upload(run, place, limit)
        except TakenError as error:
            yield run, f"left for later, since {error}"
        except _RefusedError as error:
            refused.append(error)
    if refused:
        raise refused[0]


class _RefusedError(UserError):
    """The server, or W&B, does not want this run; it may want others."""


def _upload(run: Path, place: Place, limit: float) -> str:
    try:
        refuse_links_in(run / "wandb", but_for=OWN_LINKS)
    except StorageError as error:
        raise _RefusedError(str(error)) from error
    _see_place(run, place)
    records = _whole(run, place)
    if not records:
        return "nothing recorded"
    if all(map(was_uploaded, records)):
        return "uploaded before"
    with files_in(run / "wandb"):
        output = _said(upload_command(records, live=False), limit)
    if all(map(was_uploaded, records)):
        return "uploaded"
    if output is None:
        raise UserError(
            f"task=sync: {run} was not uploaded in sync.limit={limit:g} seconds.\n"
            "Check the network and the server, or give it longer; the same command goes on "
            "with what is left."
        )
    raise _refusal(run, output)


def _see_place(run: Path, place: Place) -> None:
    """A record that came from someone else does not choose whose project it goes to.

    Raises:
        UserError: it is for another one than the command's.
    """
    for record in records_of(run):
        for message in read_records(record)[0]:
            if message.WhichOneof("record_type") != "run":
                continue
            named = (message.run.entity or None, message.run.project)
            if named != place:
                words = [f"logger.project={named[1]}"]
                words += [f"logger.entity={named[0] or 'null'}"] * (named[0] != place[0])
                raise _RefusedError(
                    f"task=sync: {run} was recorded for {_shown(named)}, not {_shown(place)}.\n"
                    f"To upload it there add {' '.join(map(quote, words))}"
                )


def _shown(place: Place) -> str:
    return "/".join(part for part in place if part)


def _whole(run: Path, place: Place) -> list[Path]:
    """The records of a run, which together have all that metrics.csv has."""
    from nullfit.tracking.completion import complete  # noqa: PLC0415

    found = records_of(run)
    settle(found[-1])
    records, aside = set_empty_aside(found)
    for folder in aside:
        name = folder.name.removeprefix("empty-")
        warn(f"{run.name}: {name} holds nothing, its process was killed; set aside as {folder}")
    try:
        complete(run, records, found[-1].stem.removeprefix("run-"), place)
    except Exception as error:  # of any kind: what is recorded can be uploaded all the same
        what = str(error).strip().partition("\n")[0]
        warn(f"{run.name}: what its records lack of metrics.csv cannot be added ({what})")
    return records_of(run)


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
        urllib.request.urlopen(f"{server}/healthz", timeout=_TIMEOUT_SECONDS).close()
    except urllib.error.HTTPError as error:
        error.close()  # an answer, whatever it says
    except OSError as error:
        raise UserError(
            f"task=sync cannot reach Weights & Biases at {server} ({error}).\n"
            "Check the network; a server of your own is named by WANDB_BASE_URL."
        ) from error


def _server() -> str:
    with client() as wandb:
        return str(wandb.setup().settings.base_url)


def _refusal(run: Path, output: str) -> UserError:
    if lacks_key(output):
        return UserError(
            "task=sync needs a key of Weights & Biases: run `wandb login`, or set WANDB_API_KEY.\n"
            "What was uploaded before stays so; the same command goes on with the rest."
        )
    return _RefusedError(
        f"task=sync: {run} could not be uploaded: {reason_in(output)}\n"
        "Check the network and WANDB_BASE_URL; the same command goes on with the rest."
    )
