"""The words of a command line, in an order that Hydra reads."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NoReturn

from hydra._internal.utils import get_args_parser

from nullfit.errors import UserError, shown, words_of


def flags_first(arguments: Sequence[str]) -> list[str]:
    """The same command with its flags before its overrides.

    Hydra's parser takes flags at the two ends only; between overrides it does not know them.

    Raises:
        UserError: there is no such flag, or it lacks its value.
    """
    parser: ArgumentParser = get_args_parser()
    parser.error = _refuse  # type: ignore[method-assign]
    overrides = parser.parse_intermixed_args(list(arguments)).overrides
    left = Counter(overrides)
    flags = []
    for word in reversed(arguments):  # the value of a flag may look like an override after it
        if left[word]:
            left[word] -= 1
        else:
            flags.append(word)
    return [*reversed(flags), *overrides]


def refuse_spaces(words: Sequence[str]) -> None:
    """See that there are no spaces around the ``=`` of an override, which make words of its parts.

    Raises:
        UserError: there are.
    """
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        name, equals, text = word.partition("=")
        follows = after if after and "=" not in after and not text else ""
        parts = [word, follows]
        if equals and not name and before and "=" not in before:
            parts = [before, word, follows]
        elif not (equals and name and (follows or name != name.strip())):
            continue
        key, _, value = "".join(parts).partition("=")
        raise UserError(
            f"{' '.join(filter(None, parts))} has spaces around =: leave them out, "
            + words_of(f"{key.strip()}={value.strip()}")
        )


def refuse_other_configurations(arguments: Namespace) -> None:
    """See that the flags name no primary configuration but nullfit's own.

    Raises:
        UserError: they name another name, or another folder.
    """
    for flag in ("config_name", "config_path"):
        if (value := getattr(arguments, flag)) is not None:
            raise UserError(
                f"--{flag.replace('_', '-')}={shown(value)} is not allowed: the settings are those "
                "of conf/config.yaml.\nPut yours into a folder of your own, as "
                "my_conf/experiment/mine.yaml, and add: --config-dir my_conf experiment=mine"
            )


def _refuse(message: str) -> NoReturn:
    unknown = message.rpartition(" ")[2]
    if unknown.startswith("--"):
        known = {
            "version",
            *(flag.lstrip("-") for flag in get_args_parser()._option_string_actions),
        }
        if close := get_close_matches(unknown.lstrip("-"), known, n=1, cutoff=0.6):
            raise UserError(f"{unknown} is not a flag. Did you mean --{close[0]}?")
    raise UserError(f"{message}.\nWrite group=option and key=value; --help lists them, and flags.")
