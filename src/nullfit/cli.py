"""The command line: compose, validate, hand over to a task."""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import hydra
from hydra._internal.utils import get_args_parser
from omegaconf import DictConfig

from nullfit.config.arguments import flags_first
from nullfit.config.compose import CONFIG_NAME, Plan, compose_grid, composer, config_folder
from nullfit.config.free_text import with_quotes
from nullfit.config.identity import looks_at_a_study, register_resolvers
from nullfit.errors import StorageError, UserError, told_of_memory
from nullfit.files import storage_error, write_text
from nullfit.first_process import is_first
from nullfit.garbage import spare_what_is_loaded
from nullfit.interruption import Interrupted, interruptible
from nullfit.results.study import FAILURE

if TYPE_CHECKING:
    from nullfit.config.schema import RunConfig

BAD_INPUT = 2
FAILED = 1
INTERRUPTED = 130

register_resolvers()


class _Here:
    """What this process knows of the command that it carries out.

    Jobs that a launcher runs in other processes find it empty, and raise their errors instead.
    """

    plan: ClassVar[Plan | None] = None
    jobs = 0  # how many the command asks for; 0 in other processes
    done = 0
    halted = False  # no job is begun any more
    multirun = False
    failures: ClassVar[list[tuple[str, Exception]]] = []


def main() -> None:
    """Run the command line in ``sys.argv``.

    It exits with 2 for bad input, 1 for a failed run, 128 + n if it was stopped by signal n.
    """
    wants_traceback = os.environ.get("HYDRA_FULL_ERROR") == "1"
    # Hydra then lets errors through to us instead of printing them its own way.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        sys.argv[1:] = flags_first(with_quotes(sys.argv[1:]))
        if _helped():
            return
        with interruptible():
            _plan()
            with _telling_of_folders():
                _hydra_main()
    except UserError as error:
        if wants_traceback:
            raise
        _complain(str(error))
        sys.exit(FAILED if isinstance(error, StorageError) and _Here.multirun else BAD_INPUT)
    except Interrupted as stop:
        _complain(_told_of_stop(stop))
        sys.exit(stop.exit_code)
    except KeyboardInterrupt:
        _complain("interrupted twice; the same command goes on from the last checkpoint, if any.")
        sys.exit(INTERRUPTED)
    if _Here.failures:
        _report_failures(wants_traceback)


@contextmanager
def _telling_of_folders() -> Iterator[None]:
    """Hydra makes the folders of jobs before we are asked."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            raise
        raise storage_error(error, Path(error.filename)) from error


def _told_of_stop(stop: Interrupted) -> str:
    saved = (
        "a checkpoint was saved, and the same command goes on from it"
        if stop.saved
        else "the same command goes on from the last checkpoint, if one was taken yet"
    )
    jobs = f" after {_Here.done} of {_Here.jobs} jobs" if _Here.multirun else ""
    return f"stopped by {stop.signal.name}{jobs}; {saved}."


def _report_failures(wants_traceback: bool) -> None:
    """Say what failed, and leave with the exit code for it."""
    for job, error in _Here.failures:
        if wants_traceback or not isinstance(error, UserError):
            traceback.print_exception(error)
        _complain(f"{job} failed: {_told(error)}" if _Here.multirun else _told(error))
    if _Here.multirun:
        failed = len(_Here.failures)
        rest = f", {_Here.jobs - _Here.done} were not begun" if _Here.halted else ""
        _complain(f"{failed} of {_Here.jobs} jobs failed{rest}; the same command tries them again.")
        sys.exit(FAILED)
    sys.exit(BAD_INPUT if isinstance(_Here.failures[0][1], UserError) else FAILED)


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"


def _complain(text: str) -> None:
    print(f"nullfit: {text}", file=sys.stderr)


def _helped() -> bool:
    """Print help, if that is what the command line asks for."""
    arguments = get_args_parser().parse_args()
    if arguments.help:
        from nullfit.config.help import help_text

        print(help_text(arguments.overrides, arguments.config_dir))
    return bool(arguments.help)


def _plan() -> None:
    """Refuse bad input before anything is written, a whole grid before its first job."""
    arguments = get_args_parser().parse_args()
    shows_only = arguments.hydra_help or arguments.cfg or arguments.info
    if shows_only or arguments.shell_completion:
        return
    overrides = _with_recalled(arguments.overrides)
    with composer(arguments.config_dir):
        plan = compose_grid(overrides, multirun=arguments.multirun)
        from nullfit.config.hydra_settings import check_hydra
        from nullfit.config.launchers import check_launcher
        from nullfit.config.trust import refuse_unasked_trust
        from nullfit.config.validation import validate
        from nullfit.results.folders import refuse_other_places

        for config in plan.configs:
            refuse_unasked_trust(config, overrides)
            check_hydra(config)
            run = validate(config)
            refuse_other_places(Path(run.outputs), run.study, run.job)
            check_launcher(config)
    spare_what_is_loaded()
    _Here.plan, _Here.jobs, _Here.multirun = plan, len(plan.jobs), plan.multirun


def _with_recalled(overrides: list[str]) -> list[str]:
    """Put the settings of the run that ``checkpoint=…`` names before the user's own."""
    given = dict(override.split("=", 1) for override in overrides if "=" in override)
    if given.get("task") != "evaluate" or not given.get("checkpoint"):
        return overrides
    from nullfit.config.recall import recalled
    from nullfit.training.checkpoints import checkpoint_file, read_checkpoint

    about = read_checkpoint(checkpoint_file(given["checkpoint"].strip("'\""))).get("nullfit", {})
    repeated = recalled(about.get("config", {}), overrides)
    first = sys.argv.index(overrides[0])  # Hydra reads the same command line
    sys.argv[first:first] = repeated
    return [*repeated, *overrides]


@hydra.main(version_base="1.3", config_path=str(config_folder()), config_name=CONFIG_NAME)
def _hydra_main(config: DictConfig) -> Any:
    return run_job(config)


def run_job(config: DictConfig) -> Any:
    """Carry out one composed configuration and return its result.

    In the command's own process an error is kept for the end, so that the other jobs of a grid
    still run; elsewhere it is raised to the launcher.
    """
    from nullfit.config.components import typed_settings
    from nullfit.config.validation import target_of, validate
    from nullfit.console import say

    run = validate(config)
    folder = Path(run.outputs) / run.study / run.job
    if _Here.halted:
        _remove_if_empty(folder)
        return None
    if _Here.multirun:
        say(f"[{_Here.done + 1}/{_Here.jobs}] {run.job}")
    try:
        with interruptible(), _claimed(run, folder):
            task = target_of(run, "task")
            result = task(run, folder, **typed_settings(task, run.task_settings))
            if (folder / FAILURE).exists():  # where nothing can be written there is none
                (folder / FAILURE).unlink()
        _remove_if_empty(folder)
    except Exception as error:
        told = told_of_memory(error)
        if not _Here.jobs:
            _note_failure(folder, told)
            if told is error:
                raise
            raise told from error
        job_failed(run.job, folder, told)
        result = None
    job_over()
    return result


def _claimed(run: "RunConfig", folder: Path) -> AbstractContextManager[None]:
    """A job is run by one process at a time; those that belong to its first one need not ask."""
    from nullfit.claim import claimed

    if looks_at_a_study(run.task.name) or not is_first():
        return nullcontext()
    return claimed(folder, run.job)


def planned(overrides: list[str]) -> DictConfig | None:
    """The configuration of a job of the command's grid, composed and checked already."""
    return None if _Here.plan is None else _Here.plan.jobs.get(tuple(overrides))


def place() -> str:
    """How many of the grid's jobs are over, e.g. ``[3/12]``."""
    return f"[{_Here.done}/{_Here.jobs}]"


def job_over() -> None:
    """Count a job that came to its end, one way or the other."""
    _Here.done += 1


def job_failed(job: str, folder: Path, error: Exception) -> None:
    """Keep an error for the end, since the other jobs of a grid still run.

    Not so where nothing can be written any more: the others would meet the same.
    """
    if _Here.halted:
        return
    _note_failure(folder, error)
    _Here.halted = isinstance(error, StorageError)
    _Here.failures.append((job, error))
    if _Here.multirun and not _Here.halted:
        _complain(f"{job} failed ({type(error).__name__}); going on with the rest.")


def _note_failure(folder: Path, error: Exception) -> None:
    """Leave a note in the folder of a failed job of a grid; a refused single run leaves nothing."""
    if not is_first():
        return
    if _Here.multirun or not isinstance(error, UserError):
        text = "".join(traceback.format_exception(error))
        with suppress(StorageError):
            write_text(folder / FAILURE, f"{_told(error)}\n\n{text}")
        return
    _remove_if_empty(folder)


def _remove_if_empty(folder: Path) -> None:
    """Take back the folder that Hydra made for a task that wrote nothing into it."""
    for path in (folder, folder.parent, folder.parent.parent):  # job, study, outputs
        try:
            path.rmdir()
        except OSError:
            return
