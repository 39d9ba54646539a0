"""The kinds of errors that are the user's to mend, and the words of their messages."""

import difflib
import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

Key = TypeVar("Key")

_FEW = 3  # names in a suggestion


class UserError(ValueError):
    """Something in the input is wrong: a setting, a file, a data set.

    The message has one or two lines: what is wrong (the key and its value, or the file), what is
    allowed, and what to do. The command line prints it without a traceback and exits with 2; so
    does a notebook, but for the exit.
    """

    def _render_traceback_(self) -> list[str]:
        """What IPython shows."""
        return [f"nullfit: {self}"]


class StorageError(UserError):
    """What was computed cannot be written: the disk is full, or a folder is read-only.

    The rest of a grid would meet the same, so it is not started.
    """


def brief(error: Exception) -> str:
    """An error in a line or two."""
    return str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"


def by_reason(reasons: Mapping[Key, str]) -> dict[str, list[Key]]:
    """Who met each reason, both in the order of their first appearance."""
    found: dict[str, list[Key]] = {}
    for who, reason in reasons.items():
        found.setdefault(reason, []).append(who)
    return found


def memory_error(error: Exception) -> Exception:
    """An error for people if there was not enough memory, else the same error."""
    on_cpu = isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    # By its name: this module does not wait for torch.
    on_gpu = type(error).__name__ == "OutOfMemoryError"
    if not (on_cpu or on_gpu or isinstance(error, MemoryError)):
        return error
    refusal = UserError(
        f"there is not enough memory: {str(error).strip().partition(chr(10))[0]}.\n"
        "Choose a smaller model, data.batch_size, data.image_size or data.train_limit."
    )
    refusal.__cause__ = error
    return refusal


_in_python: ContextVar[bool] = ContextVar("in_python", default=False)


@contextmanager
def asked_in_python() -> Iterator[None]:
    """Within it, messages suggest calls of Python in place of commands for a shell."""
    token = _in_python.set(True)
    try:
        yield
    finally:
        _in_python.reset(token)


def in_python() -> bool:
    """Whether the reader of a message is at Python's prompt or in a notebook."""
    return _in_python.get()


def command(*words: str, grid: bool = False) -> str:
    """A command for a message, as its reader would give it: in a shell, or in Python.

    ``words`` are as Hydra reads them, see `hydra_word`.
    """
    if in_python():
        return f"nullfit.{'sweep' if grid else 'run'}({words_of(*words)})"
    program = "nullfit" if Path(sys.argv[0]).stem == "nullfit" else "python run.py"
    return " ".join([program, *(["-m"] if grid else []), words_of(*words)])


def words_of(*words: str) -> str:
    """Words of a command, see `command`, for a message that adds them to one."""
    return ", ".join(map(repr, words)) if in_python() else " ".join(map(shell_word, words))


def nearest(name: str, known: Iterable[str], prefix: str = "") -> str:
    """`` Did you mean …?`` if something known looks like it, else what there is.

    What has the name as one of its words (``image_size``, of ``size``) goes before what looks like
    it, where that is a few. Behind a ``prefix`` that ends in ``=`` it stands as the command line
    takes it.
    """
    names = sorted(set(known))
    if close := alike(name, names):
        key = prefix.removesuffix("=")
        meant = [override(key, one) if prefix != key else prefix + one for one in close]
        return f" Did you mean {one_of(meant)}?"
    if not names:
        return " There are none here."
    return " Allowed: " + ", ".join(names) + "."


def alike(name: str, known: Iterable[str]) -> list[str]:
    """Those of ``known`` that ``name`` is a word of, if they are a few, or what looks most like it.

    It is empty if nothing does.
    """
    names = sorted(set(known))
    having = sorted((one for one in names if name in one.split("_")), key=len)
    if 1 <= len(having) <= _FEW:
        return having
    return difflib.get_close_matches(name, names, n=1, cutoff=0.6)


def one_of(names: Sequence[str]) -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    return " or ".join([*([", ".join(names[:-1])] if len(names) > 1 else []), names[-1]])


def shown(value: Any) -> str:
    """A value in a message: on one line, and not too long."""
    text = "null" if value is None else str(value)
    if not text.isprintable():
        text = repr(text)
    return text if len(text) <= 60 else text[:57] + "…"


def override(key: str, value: str | Sequence[str]) -> str:
    """``key=value`` for a message, in the quotes that Hydra and a shell need to read it as it is;
    in Python Hydra's alone.

    A list of texts stands in brackets: ``"data.drop=['flow (l/min)']"``.
    """
    word = hydra_word(key, value)
    return word if in_python() else shell_word(word)


def hydra_word(key: str, value: str | Sequence[str]) -> str:
    """The same as Hydra reads it."""
    quoted = _quoted(value) if isinstance(value, str) else f"[{','.join(map(_quoted, value))}]"
    return f"{key}={quoted}"


def shell_word(argument: str) -> str:
    """A word as a shell needs it, in double quotes where they will do: Hydra's are within."""
    if re.fullmatch(r"[\w.,=/+-]+", argument, re.ASCII):
        return argument
    # A shell leaves a backslash before a single quote as it is.
    plain = not re.search(r'["$`!]|\\(?!\')', argument)
    return f'"{argument}"' if plain else shlex.quote(argument)


def _quoted(text: str) -> str:
    """A text in Hydra's quotes, unless it is a plain word or path and no number or the like."""
    word = re.fullmatch(r"(\.{1,2}(?=/))?[A-Za-z_/][A-Za-z0-9_./-]*", text)
    if word and text.lower() not in ("null", "true", "false", "nan", "inf"):
        return text
    # Backslashes escape quotes alone: those right before one, or at the end, are doubled.
    escaped = re.sub(r"(\\*)('|$)", lambda found: found[1] * 2 + found[2].replace("'", "\\'"), text)
    return "'" + escaped.replace("${", "\\${") + "'"
