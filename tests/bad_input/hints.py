"""What a refusal suggests to type."""

import re
import shlex
from collections.abc import Iterator, Sequence

_COMMAND = re.compile(r"python run\.py ([^\n]*)")
_WORD = r"""(?:'[^'\n]*=[^'\n]*'|"[^"\n]*=[^"\n]*"|(?<![\w.'"/])\+?[A-Za-z_][\w./]*=[^\s'"]\S*)"""
_SUGGESTION = re.compile(f"{_WORD}(?: {_WORD})*")
_VERBS = "use|give|name|add|set|choose|take|make|put|leave"
_END_OF_WHAT_IS_WRONG = re.compile(rf"\n|[.?] |: (?=(?:{_VERBS})\b)")
_PLACEHOLDERS = ("…", "<", "key=value", "group=option")
# After something else was done, or after thought.
_LATER = ("data.download=true", "allow_targets=")
_QUICK = ("logger=csv", "trainer.progress=false", "trainer.max_epochs=1")
UNREADABLE = ("no viable alternative", "mismatched input", "need quotes", "Write key=value")


def followed(said: str, command: Sequence[str]) -> Iterator[list[str]]:
    """The commands that come of following each suggestion in a refusal of ``command``."""
    text = said.removeprefix("nullfit: ")
    for whole in _COMMAND.findall(text):
        words = shlex.split(whole.strip().rstrip("."))
        yield words + [word for word in command if word in _QUICK]
    advice = _END_OF_WHAT_IS_WRONG.split(_COMMAND.sub("", text), maxsplit=1)[1:]
    for found in (one[0] for text in advice for one in _SUGGESTION.finditer(text)):
        suggestion = found if found[-1] in "'\"" else found.rstrip(".,;:?)")
        if any(part in suggestion for part in (*_PLACEHOLDERS, *_LATER)):
            continue
        words = shlex.split(suggestion)  # as a shell reads what is pasted
        keys = {_key(word) for word in words}
        if not set(words) <= set(command):
            yield [word for word in command if _key(word) not in keys] + words


def _key(word: str) -> str:
    return word.partition("=")[0].lstrip("+")
