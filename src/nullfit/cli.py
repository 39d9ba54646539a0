"""The command line: compose, validate, hand over to a task."""

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import hydra
from hydra._internal.utils import get_args_parser
from omegaconf import DictConfig

from nullfit.config.arguments import flags_first, refuse_other_configurations, refuse_spaces
from nullfit.config.composer import CONFIG_NAME, config_folder
from nullfit.config.free_text import with_quotes
from nullfit.config.local import store_local
from nullfit.config.references import register_resolvers
from nullfit.console.messages import begin_anew, read_no_more, say, show_traceback, visible, warn
from nullfit.errors import StorageError, UserError
from nullfit.runs.command import Command
from nullfit.runs.planning import plan_command
from nullfit.system.files import is_full, storage_error
from nullfit.system.import_order import import_matplotlib_elsewhere
from nullfit.system.interruption import Interrupted, interruptible
from nullfit.system.version import __version__

BAD_INPUT = 2
FAILED = 1
INTERRUPTED = 130

register_resolvers()


def main() -> None:
    """Run the command line in ``sys.argv``.

    It exits with 2 for bad input, 1 for a failed run, 128 + n if it was stopped by signal n.
    """
    wants_traceback = os.environ.get("HYDRA_FULL_ERROR") == "1"
    _settle_surroundings()
    # Left behind here: what an error holds on to (a database) is to be gone when Python ends.
    if code := _carried_out(wants_traceback):
        sys.exit(code)


def _settle_surroundings() -> None:
    """What this process and those that it starts take from the environment, meant or not."""
    # Hydra then lets errors through to us instead of printing them its own way.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    # No process imports what happens to lie in the working folder.
    os.environ["PYTHONSAFEPATH"] = "1"
    # A notebook's, which shells started from it inherit, is none that writes files.
    os.environ["MPLBACKEND"] = "agg"
    import_matplotlib_elsewhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a console that cannot show a letter shows "?"
            stream.reconfigure(errors="replace")


def _carried_out(wants_traceback: bool) -> int:
    """Do what the command line asks for, and return the exit code."""
    try:
        if "--version" in sys.argv[1:]:
            say(f"nullfit {__version__}")
            return 0
        carry_out()
    except UserError as error:
        if wants_traceback:
            raise
        warn(str(error))
        in_a_grid = isinstance(error, StorageError) and Command.current.multirun
        return FAILED if in_a_grid else BAD_INPUT
    except Interrupted as stop:
        warn(stop_message(stop))
        return stop.exit_code
    except KeyboardInterrupt:
        warn("interrupted twice; the same command goes on from the last checkpoint, if any.")
        return INTERRUPTED
    return _report_failures(wants_traceback) if Command.current.failures else 0


def carry_out() -> Command:
    """Do what the words in ``sys.argv`` ask for; errors of jobs are kept in the command.

    Raises:
        UserError: the input is bad.
        Interrupted: a signal stopped it.
    """
    Command.current = Command()
    begin_anew()
    sys.argv[1:] = flags_first(with_quotes(sys.argv[1:]))  # Hydra reads them, too
    arguments = get_args_parser().parse_args()
    refuse_spaces(arguments.overrides)
    refuse_other_configurations(arguments)
    if arguments.help:
        _help(arguments)
        return Command.current
    store_local()  # which Hydra itself composes, too
    with interruptible():
        plan_command(arguments)
        with _telling_of_folders():
            _hydra_main()
    return Command.current


@contextmanager
def _telling_of_folders() -> Iterator[None]:
    """Hydra makes the folders of jobs before we are asked.

    An error while a file grows does not name it; the study is then all that is known.
    """
    try:
        yield
    except OSError as error:
        place = error.filename or (Command.current.study if is_full(error) else None)
        if place is None:
            raise
        raise storage_error(error, Path(place)) from error


def stop_message(stop: Interrupted) -> str:
    """What became of the command that was stopped."""
    if stop.saved:
        saved = "a checkpoint was saved, and the same command goes on from it"
    elif stop.asked:
        saved = "each running job was asked to save a checkpoint; the same command goes on from it"
    else:
        saved = "the same command goes on from the last checkpoint, if one was taken yet"
    command = Command.current
    jobs = f" after {command.done} of {command.jobs} jobs" if command.multirun else ""
    return f"stopped by {stop.signal.name}{jobs}; {saved}."


def _report_failures(wants_traceback: bool) -> int:
    """Say what failed, and return the exit code for it."""
    command = Command.current
    for reason, members in command.failures_by_reason().items():
        job, error = members[0]
        if wants_traceback or not isinstance(error, UserError):
            show_traceback(error)
        who = job if len(members) == 1 else f"{len(members)} jobs, {job} the first of them,"
        warn(f"{who} failed: {reason}" if command.multirun else reason)
    if command.multirun:
        warn(f"{command.lost}; the same command tries them again.")
        return FAILED
    code = BAD_INPUT if isinstance(command.failures[0][1], UserError) else FAILED
    command.failures.clear()
    return code


def _help(arguments: Namespace) -> None:
    from nullfit.config.help import help_text

    try:
        print(visible(help_text(arguments.overrides, arguments.config_dir)), flush=True)
    except BrokenPipeError:
        read_no_more()


@hydra.main(version_base="1.3", config_path=str(config_folder()), config_name=CONFIG_NAME)
def _hydra_main(config: DictConfig) -> Any:
    from nullfit.runs.job import run_job

    return run_job(config)
