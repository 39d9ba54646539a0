"""The command line: compose, validate, hand over to a task."""

import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from shlex import quote
from typing import Any

import hydra
from hydra._internal.utils import get_args_parser
from omegaconf import DictConfig

from nullfit.config.arguments import flags_first, refuse_other_configurations, refuse_spaces
from nullfit.config.composer import CONFIG_NAME, composer, config_folder
from nullfit.config.free_text import unquoted, with_quotes
from nullfit.config.identity import OF_A_RUN, register_resolvers
from nullfit.config.local import local_setting, store_local, told_local
from nullfit.config.overrides import with_probes_apart
from nullfit.config.plan import compose_grid, values_of_grids
from nullfit.console.messages import begin_anew, say, show_traceback, visible, warn
from nullfit.errors import StorageError, UserError, in_python
from nullfit.runs.command import Command
from nullfit.system.files import is_full, storage_error
from nullfit.system.garbage import spare_what_is_loaded
from nullfit.system.import_order import import_matplotlib_elsewhere
from nullfit.system.interruption import Interrupted, interruptible
from nullfit.version import __version__

BAD_INPUT = 2
FAILED = 1
INTERRUPTED = 130

# Tasks on the network of a run, whose settings they take, and what names that run.
_EVALUATED = "checkpoint"
_STARTS_FROM = {
    "critical_samples": "critical_samples.run",
    "evaluate": _EVALUATED,
    "pac_bayes": "pac_bayes.run",
    "prediction_depth": "prediction_depth.run",
    "rewind": "rewind.run",
}
# Of these, the ones whose runs are repetitions of a setting that says how long it was trained.
_WITH_LENGTH = ("critical_samples.run", *(f"{task}.run" for task in OF_A_RUN))

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
        _plan(arguments)
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

    print(visible(help_text(arguments.overrides, arguments.config_dir)))


def _plan(arguments: Namespace) -> None:
    """Refuse bad input before anything is written, a whole grid before its first job."""
    shows_only = arguments.hydra_help or arguments.cfg or arguments.info
    if arguments.cfg:
        with composer(arguments.config_dir, arguments.overrides):
            _with_probes_apart(arguments.overrides)  # what is shown is what would be run
    if shows_only or arguments.shell_completion:
        return
    from nullfit.console.progress import announce

    if told := told_local():
        warn(told)
    announce("reading the settings …", passing=True)  # seconds, on a busy machine
    typed = sys.argv[1:]  # before words are put into it
    overrides = _with_recalled(arguments.overrides)
    with composer(arguments.config_dir, arguments.overrides):
        overrides = _with_values_of_grids(_with_probes_apart(overrides))
        plan = compose_grid(overrides, multirun=arguments.multirun, typed=typed)
        from nullfit.config.hydra_settings import check_hydra
        from nullfit.config.launchers import runs_elsewhere
        from nullfit.config.trust import refuse_foreign_places, refuse_unasked_trust
        from nullfit.config.validation import refuse_absent_data, validate
        from nullfit.results.folders import refuse_other_places

        runs = {}
        check_hydra(plan.base)  # from which Hydra makes launcher and sweeper
        refuse_foreign_places(plan.base, plan.typed)
        for job, config in plan.jobs.items():
            refuse_unasked_trust(config, overrides)
            check_hydra(config)
            if plan.multirun:
                refuse_foreign_places(config, plan.typed, job)
            run = runs[job] = validate(config)
            refuse_absent_data(run, overrides)
            refuse_other_places(Path(run.outputs), run.study, run.job)
        if plan.multirun:
            from nullfit.runs.preflight.grid import check_grid

            check_grid(runs, elsewhere=runs_elsewhere(plan.configs[0]))
    if not in_python():  # whose process is not ours
        spare_what_is_loaded()
    Command.current = Command(plan, runs)


def _with_recalled(overrides: list[str]) -> list[str]:
    """Put the settings of the run that a task starts from before the user's own."""
    given = dict(override.split("=", 1) for override in overrides if "=" in override)
    key = _STARTS_FROM.get(given.get("task", ""))
    if key is None or not given.get(key):
        return overrides
    from nullfit.config.recall import recalled
    from nullfit.training.checkpoints import checkpoint_file, read_checkpoint

    if _is_sweep(f"{key}={given[key]}"):
        raise UserError(
            f"{key}={given[key]} names several runs, and task={given['task']} takes the settings "
            "of one: start it once for each."
        )
    file = checkpoint_file(unquoted(given[key]), key)
    about = read_checkpoint(file).get("nullfit", {})
    repeated = recalled(about.get("config", {}), overrides, length=key in _WITH_LENGTH)
    if key != _EVALUATED:  # further test sets are tested on by task=evaluate alone
        repeated = [word for word in repeated if not word.startswith("++data.test_corruptions=")]
    _say_where_data_were(about.get("config", {}).get("data"), given)
    first = sys.argv.index(overrides[0])  # Hydra reads the same command line
    sys.argv[first:first] = repeated
    return [*repeated, *overrides]


def _is_sweep(word: str) -> bool:
    """Whether an override stands for several values; one that cannot be read is refused later."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        return OverridesParser.create().parse_override(word).is_sweep_override()
    except HydraException:
        return False


def _with_probes_apart(overrides: list[str]) -> list[str]:
    """Put what ``probe=[a,b]`` means to Hydra in its place."""
    return _replaced(overrides, with_probes_apart(overrides))


def _with_values_of_grids(overrides: list[str]) -> list[str]:
    """Let one value of what an experiment's grids vary be for their jobs."""
    means = values_of_grids(overrides)
    return _replaced(overrides, {word: [own] for word, own in means.items()})


def _replaced(overrides: list[str], means: Mapping[str, list[str]]) -> list[str]:
    for words in (overrides, sys.argv):  # Hydra reads the same command line
        words[:] = [own for word in words for own in means.get(word, [word])]
    return overrides


def _say_where_data_were(data: Any, given: Mapping[str, str]) -> None:
    """A checkpoint does not decide which folders are read."""
    root = data.get("root") if isinstance(data, dict) else None
    here = local_setting("data.root") or os.environ.get("NULLFIT_DATA", "data")
    if isinstance(root, str) and root != here and not given.keys() & {"data", "data.root"}:
        word = quote(f"data.root={root}")
        warn(f"the data are looked for in {here}; where they were in training: add {word}")
    path = data.get("path") if isinstance(data, dict) else None
    if isinstance(path, str) and not given.keys() & {"data", "data.path"}:
        warn(f"the file of the data is for you to name; in training: {quote(f'data.path={path}')}")
    left_out = data.get("leave_out") if isinstance(data, dict) else None
    if isinstance(left_out, str) and "data.leave_out" not in given:
        word = quote(f"data.leave_out={left_out}")
        warn(f"all training samples are measured on; where those left out are to be: add {word}")


@hydra.main(version_base="1.3", config_path=str(config_folder()), config_name=CONFIG_NAME)
def _hydra_main(config: DictConfig) -> Any:
    from nullfit.runs.job import run_job

    return run_job(config)
