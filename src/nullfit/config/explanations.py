"""The comments of the option files, beside the settings that they explain."""

import re
import textwrap
from collections.abc import Iterable, Iterator

_SETTING = re.compile(r"""( *)["']?([\w.-]+)["']?:(?: (.*?))?\s*(?:#\s(.*))?""")
_MORE = re.compile(r"\s+#\s(.*)")
_COLUMN, _WIDTH = 38, 110

Explanations = dict[tuple[str, ...], str]


def heading(text: str) -> list[str]:
    """The lines of the comment that an option's file begins with."""
    lines = []
    for line in text.splitlines():
        if line.startswith("# @package"):
            continue
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    return lines


def explanations(text: str, group: str = "") -> Explanations:
    """The comments behind the settings of an option's file, by the path of the setting.

    ``group`` is that of the option, unless the file says that it is for all of them.
    """
    is_global = text.startswith("# @package _global_") or not group
    found: Explanations = {}
    last: tuple[str, ...] | None = None
    for line, path in _paths(text.splitlines(), () if is_global else tuple(group.split("/"))):
        setting = _SETTING.fullmatch(line)
        if setting and setting[4]:
            found[path] = setting[4]
            last = path
        elif last is not None and (more := _MORE.fullmatch(line)):
            found[last] += f" {more[1]}"
        else:
            last = None
    return found


def explained(settings: str, known: Explanations) -> str:
    """YAML with the explanation of each setting behind it."""
    lines = []
    for line, path in _paths(settings.splitlines(), ()):
        words = known.get(path, "") if _SETTING.fullmatch(line) else ""
        first, *rest = textwrap.wrap(words, _WIDTH - _COLUMN) or [""]
        lines.append(f"{line:<{_COLUMN - 1}} # {first}" if first else line)
        lines += [f"{'':<{_COLUMN - 1}} # {more}" for more in rest]
    return "\n".join(lines) + "\n"


def _paths(lines: Iterable[str], top: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each line with the path of the setting that it is, or belongs to."""
    path: tuple[str, ...] = top
    depths = [-1]
    for line in lines:
        if setting := _SETTING.fullmatch(line):
            depth = len(setting[1])
            while depths[-1] >= depth:
                depths.pop()
            path = (*path[: len(top) + len(depths) - 1], setting[2])
            depths.append(depth)
        yield line, path
