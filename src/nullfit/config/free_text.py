"""Settings whose value is text, written on the command line as it is.

Hydra's grammar for overrides has commas, parentheses, quotes, numbers and words of its own, so
that text would have to be quoted twice, for the shell and for Hydra. Here the second quotes are put
around it.
"""

import re
from collections.abc import Iterable

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from nullfit.system.files import at_home

_SENTENCES = ("sql", "sweep_file.grid")  # in which ${…} is no reference
_PATHS = {
    *("outputs", "output", "checkpoint", "clean.run", "prediction_depth.run"),
    *("start.run", "rewind.run", "measures.run", "critical_samples.run", "pac_bayes.run"),
    *("data.root", "data.path", "data.cache", "data.leave_out"),
    *("corruption.path", "corruption.like", "sweep_file.output"),
}
_MARKS = {"data.separator", "data.decimal"}
_NAMES = {"job"}  # which have no comma in them
_TEXTS = {
    "study",
    "card.question",
    "data.target",
    "data.encoding",
    "logger.project",
    "logger.entity",
    *_PATHS,
    *_MARKS,
}
# Settings that may be given by a shorter name, since it says all.
_SHORT = {"start": "start.run"}
TEXT_LISTS = {"data.drop", "data.categorical", "data.missing"}

# What Hydra reads as the text that it is, and what means something else.
_PLAIN = re.compile(r"(?!(?:null|true|false|nan|inf)\Z)[A-Za-z_/][A-Za-z0-9_./-]*", re.IGNORECASE)
_HYDRAS_OWN = re.compile(r"null|\$\{[^{}]*\}[A-Za-z0-9_./-]*")
_FUNCTION = re.compile(r"(choice|glob|range|interval|sort|shuffle|tag|str)\(.*\)", re.DOTALL)
_ORDINARY = re.compile(r"[\w.,/+-]*", re.ASCII)
_BETWEEN_ITEMS = re.compile(
    r""",(?=(?:[^'"\\]|\\(?:.|\Z)|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")*\Z)""", re.DOTALL
)
# A text in which nothing means something else in quotes than without: no comma of a grid, no home.
_SIMPLE_QUOTES = re.compile(r"""(?P<quote>['"])(?P<text>[^'"\\$~,]+)(?P=quote)""")
_BETWEEN_TEXTS = re.compile(r",(?!\s)(?![^(\[]*[)\]])")  # not in a sentence or in brackets
_HYDRAS_PARTS = re.compile(r"""[{\['"]""")


def with_quotes(arguments: Iterable[str]) -> list[str]:
    """The arguments of a command, text in Hydra's quotes where it needs them.

    ``sql=select a, b from runs where a = 'x'`` becomes one string for Hydra instead of a choice
    of several, ``data.path=~/a (1).csv`` the path in the home folder. What is in quotes already
    (``sql="…"``, ``sql='…'``) stays as it is. In a grid (``-m``) commas stand between texts, unless
    a blank follows.
    """
    words = list(arguments)
    grid = "-m" in words or "--multirun" in words
    return [_with_quotes(word, grid) for word in words]


def without_quotes(word: str) -> str:
    """A word of a command without Hydra's quotes where it says the same, for people to paste.

    ``outputs='/tmp/x'`` becomes ``outputs=/tmp/x``. What Hydra needs in quotes `with_quotes` puts
    there again, in a grid as well.
    """
    name, _, quoted = word.partition("=")
    inside = _SIMPLE_QUOTES.fullmatch(quoted)
    if inside is None:
        return word
    text = inside["text"]
    key = name.lstrip("+")
    is_text = key in _TEXTS and not (_HYDRAS_OWN.fullmatch(text) or _FUNCTION.fullmatch(text))
    return f"{name}={text}" if is_text or _PLAIN.fullmatch(text) else word


def _with_quotes(word: str, grid: bool) -> str:
    name, equals, text = word.partition("=")
    name = _SHORT.get(name, name)
    key = name.lstrip("+")
    if name == "--config-dir" and equals:
        return f"{name}={at_home(text)}"
    if not equals or name.startswith("-"):
        return word
    if key in _SENTENCES:
        return word if _is_quoted(text) else f"{name}={_quoted(text)}".replace("${", "\\${")
    if key in _TEXTS | _PATHS | _MARKS | _NAMES:
        return _of_texts(name, text, grid)
    if key in TEXT_LISTS and text[:1] == "[" and text[-1:] == "]":
        items = [item.strip() for item in _BETWEEN_ITEMS.split(text[1:-1])]
        return f"{name}=[{','.join(map(_one, items))}]"
    return _readable(name, text)


def _of_texts(name: str, text: str, grid: bool) -> str:
    key = name.lstrip("+")
    if _is_quoted(text):
        home = key in _PATHS - {"data.root"}  # which is part of what a run is, as it was written
        return f"{name}={text[0]}{at_home(text[1:-1]) if home else text[1:-1]}{text[-1]}"
    pieces = [text]
    if (grid and key not in _MARKS) or key in _NAMES:
        if re.search("['\"]", text) or _FUNCTION.fullmatch(text):
            return _readable(name, text)
        pieces = _BETWEEN_TEXTS.split(text)
    return f"{name}=" + ",".join(
        _one(at_home(piece) if key in _PATHS else piece) for piece in pieces
    )


def _one(text: str) -> str:
    stays = not text or _is_quoted(text) or _PLAIN.fullmatch(text) or _HYDRAS_OWN.fullmatch(text)
    return text if stays else _quoted(text)


def _readable(name: str, text: str) -> str:
    """The word of any other setting; in quotes if Hydra could not read it otherwise."""
    word = f"{name}={text}"
    if _ORDINARY.fullmatch(text) or _HYDRAS_PARTS.match(text):
        return word
    parser = OverridesParser.create()
    for candidate in (word, f"{name}={_quoted(text)}"):
        try:
            parser.parse_override(candidate)
        except HydraException:
            continue
        return candidate
    return word


def unquoted(text: str) -> str:
    """The text that Hydra reads from a value in quotes, or without."""
    value = OverridesParser.create().parse_override(f"x={text}").value()
    return text if isinstance(value, list | dict) else str(value)


def _is_quoted(text: str) -> bool:
    return len(text) > 1 and text[0] == text[-1] and text[0] in "'\""


def _quoted(text: str) -> str:
    # In quotes Hydra reads \" as a quote, and \\ before one as a backslash.
    return f'"{_before_quotes(text)}"'


def _before_quotes(text: str) -> str:
    """Escape double quotes, and the backslashes right before them or at the end."""
    escaped, backslashes = "", 0
    for character in text:
        if character == '"':
            escaped += "\\" * (backslashes + 1)
        backslashes = backslashes + 1 if character == "\\" else 0
        escaped += character
    return escaped + "\\" * backslashes
