"""Calls that do what the command line does."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nullfit.config.identity import looks_at_a_study
from nullfit.errors import UserError, asked_in_python, hydra_word
from nullfit.interactive.run_view import RunView
from nullfit.interactive.study_view import StudyView
from nullfit.runs.command import Command
from nullfit.system.interruption import Interrupted


def run(*words: str, **settings: Any) -> RunView:
    """Carry out one run, or read it where it is finished.

    Args:
        words: as on the command line, without quotes for a shell: ``"model=mlp_1x512"``,
            ``"trainer.max_epochs=10"``, ``"task=kernel"``.
        settings: the same for keys without a dot: ``seed=0``, ``study="first"``. None is null.

    Returns:
        The finished run: its folder, result, curves and arrays.

    Raises:
        UserError: a word is wrong, or asks for several runs or for something that leaves no
            result, such as ``task=report``.
        KeyboardInterrupt: it was interrupted; the same call goes on from the last checkpoint.
    """
    given = _words(words, settings)
    task = next((w.removeprefix("task=") for w in reversed(given) if w.startswith("task=")), "")
    if looks_at_a_study(task):
        raise UserError(
            f"task={task} leaves no run: nullfit.study(…) has tables, report() and query()."
        )
    command = _carried_out(given)
    if command.multirun:
        raise UserError(f"these are {command.jobs} runs: use nullfit.sweep.")
    (config,) = command.runs.values()
    return RunView.read(Path(config.outputs, config.study, config.job))


def sweep(*words: str, launcher: str | None = None, **settings: Any) -> StudyView:
    """Carry out a grid: every combination of values that are given as lists.

    Args:
        words: as of ``python run.py -m``: ``"corruption=none,random_labels"``,
            ``"seed=range(0,5)"``, ``"experiment=digits"``.
        launcher: ``"fused"`` (many small networks at once), ``"joblib"`` (several processes),
            ``"slurm"``; None: one run after the other.
        settings: the same for keys without a dot, lists standing for several values:
            ``seed=[0, 1, 2]``, ``model=["alexnet", "inception"]``.

    Returns:
        The study, with what earlier calls left in it.

    Raises:
        UserError: a word is wrong, or some runs failed. The others are finished and stay so.
        KeyboardInterrupt: it was interrupted; the same call goes on with the rest.
    """
    chosen = [] if launcher is None else [f"hydra/launcher={launcher}"]
    command = _carried_out(["-m", *chosen, *_words(words, settings, lists=True)])
    if command.failures:
        reason, members = next(iter(command.failures_by_reason().items()))
        raise UserError(
            f"{command.lost}, {members[0][0]} for one: {reason}\nThe same call tries them again; "
            f"nullfit.study({str(command.study)!r}) has the others."
        ) from members[0][1]
    assert command.study is not None
    return StudyView(command.study)


def _carried_out(words: list[str]) -> Command:
    """The command, done."""
    # Not before there is something to do: importing nullfit is cheap.
    from nullfit import cli  # noqa: PLC0415

    with _command_line(words), asked_in_python():
        try:
            command = cli.carry_out()
        except Interrupted as stop:
            raise KeyboardInterrupt(cli.stop_message(stop)) from None
        except UserError as error:  # Hydra's own reasons are no news to the reader
            raise error.with_traceback(None) from None
        if not command.jobs:
            raise UserError(f"{' '.join(words)} asks for no run.")
        if command.failures and not command.multirun:
            ((_, failure),) = command.failures
            raise failure
    return command


@contextmanager
def _command_line(words: list[str]) -> Iterator[None]:
    """The words stand in ``sys.argv``, where Hydra reads them; all is as before at the end."""
    argv, environment = sys.argv, dict(os.environ)
    sys.argv = ["nullfit", *words]
    # As `nullfit.cli` asks for it.
    os.environ |= {"HYDRA_FULL_ERROR": "1", "PYTHONSAFEPATH": "1"}
    try:
        yield
    finally:
        sys.argv = argv
        for name in os.environ.keys() - environment.keys():
            del os.environ[name]
        os.environ |= environment


def _words(words: Sequence[str], settings: dict[str, Any], *, lists: bool = False) -> list[str]:
    for word in words:
        if not isinstance(word, str) or "=" not in word:
            raise UserError(f'{word!r} is no setting: write "key=value".')
    return [*words, *(_word(key, value, lists=lists) for key, value in settings.items())]


def _word(key: str, value: Any, *, lists: bool) -> str:
    if lists and isinstance(value, list | tuple | range):
        return f"{key}={','.join(map(_text, value))}"
    return f"{key}={_text(value)}"


def _text(value: Any) -> str:
    """A value in Hydra's grammar."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | os.PathLike):
        return hydra_word("", os.fspath(value)).removeprefix("=")
    if isinstance(value, list | tuple | range):
        return f"[{','.join(map(_text, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{key}:{_text(own)}' for key, own in value.items())}}}"
    return str(value)
