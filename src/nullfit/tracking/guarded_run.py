"""A run in Weights & Biases that cannot hurt what it records."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shlex import quote
from typing import Any, ClassVar

from nullfit.config.schema import RunConfig
from nullfit.config.sections.loggers import WandbLogger
from nullfit.console.messages import warn
from nullfit.tracking.live_upload import LiveUpload
from nullfit.tracking.wandb_files import files_in
from nullfit.tracking.wandb_run import place_words, start

Begin = Callable[[RunConfig, WandbLogger, Path], Any]


class GuardedRun:
    """Passes calls on until W&B fails; then it warns, once, and does nothing more."""

    def __init__(self, begin: Callable[[], Any]) -> None:
        self._run: Any = None
        self._lost = False
        self.guarded(lambda _: self._begin(begin))

    def _begin(self, begin: Callable[[], Any]) -> None:
        self._run = begin()

    def guarded(self, action: Callable[[Any], object]) -> None:
        """Do something with the ``wandb.Run``."""
        if self._lost:
            return
        try:
            action(self._run)
        except Exception as error:  # of any kind: the result of the run does not depend on it
            self._lost = True
            reason = (str(error).strip().splitlines() or [""])[0]
            warn(
                f"Weights & Biases failed ({type(error).__name__}: {reason}); the run goes on "
                "without it. result.json and metrics.csv hold everything."
            )

    def log(self, values: Mapping[str, Any]) -> None:
        """One row of values."""
        self.guarded(lambda run: run.log(dict(values)))

    def finish(self, exit_code: int) -> None:
        """The end of the record."""
        self.guarded(lambda run: run.finish(exit_code=exit_code))

    @property
    def folder(self) -> Path | None:
        """Where its record lies, if there is one."""
        return None if self._run is None else Path(self._run.dir).parent


class _Server:
    """Whether this process still tries to reach W&B: a grid does not wait at each of its runs."""

    given_up: ClassVar[bool] = False


@contextmanager
def guarded_run(
    config: RunConfig, chosen: WandbLogger, folder: Path, begin: Begin = start
) -> Iterator[GuardedRun]:
    """A run for the time of a task, marked as failed on an error; its files in ``folder``/wandb.

    It is recorded on the disk whatever ``logger.mode`` is. ``online`` uploads it at the same time;
    what is not uploaded ``logger.patience`` seconds after the end stays for ``task=sync``.
    """
    with files_in(folder / "wandb"):
        run = GuardedRun(partial(begin, config, chosen, folder))
        online = chosen.mode == "online" and not _Server.given_up
        upload = LiveUpload(run.folder) if online and run.folder is not None else None
        exit_code = 1
        try:
            yield run
            exit_code = 0
        finally:  # so that the next run in this process gets its own
            run.finish(exit_code)
            if upload is not None:
                _end(upload, chosen, config.study)


def _end(upload: LiveUpload, chosen: WandbLogger, study: str) -> None:
    reason = upload.finish(chosen.patience)
    if reason is not None:
        _Server.given_up = True
        command = " ".join(["task=sync", quote(f"study={study}"), *place_words(chosen)])
        warn(
            f"Weights & Biases does not have this run: {reason}.\n"
            f"Its record lies in {upload.folder}; {command} uploads it. "
            "Further runs of this command are recorded there without trying."
        )
