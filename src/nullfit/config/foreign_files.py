"""Options in a folder of ``--config-dir``, which may be a stranger's: looked through first.

Hydra composes a configuration more than once: to check it, to begin the command, in the process of
each job. A reference that comes to something else each time would pass a check and then be obeyed.
So files of such a folder refer to other settings by their names, and to nothing that Hydra or a
process decides.
"""

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import yaml
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra.plugins.config_source import ConfigResult

from nullfit.config.environment import READABLE
from nullfit.errors import UserError, shown
from nullfit.system.reading import SETTINGS_BYTES, open_regular
from nullfit.system.shallow_yaml import LOADER, shallow_events

SCHEME = "foreign"

_HEADER = 512  # characters, in which Hydra looks for a package
_MOST_VALUES = 100_000  # with what aliases repeat
_VARIABLES = "|".join(sorted(READABLE))
_SETTING = r"[A-Za-z_]\w*(\.\w+)*"  # not by its place (.x), which leads to Hydra's in the end
_NAME = re.compile(r"/?\w[\w.-]*(/\w[\w.-]*)*")
_MOST_REFERENCES = 30  # in all files of a command: they multiply where one holds several others
_PACKAGE = re.compile(r"^#\s*@package\s.*hydra", re.MULTILINE)
_REFERENCE = re.compile(
    rf"\$\{{(?!hydra\b)({_SETTING}|oc\.env:({_VARIABLES})(,[^${{}}]*)?|nullfit\.\w+:[^${{}}]*)\}}"
)


def is_inside(name: str) -> bool:
    """Whether a name of an option, or of a group, stays within the folder of options."""
    return _NAME.fullmatch(name) is not None and ".." not in name.split("/")


class ForeignSource(FileConfigSource):
    """Files in a folder of the user's choice, each checked before Hydra reads it."""

    references: ClassVar[dict[Path, int]] = {}  # in the files of this command

    @staticmethod
    def scheme() -> str:
        """How the search path names such a folder."""
        return SCHEME

    def load_config(self, config_path: str) -> ConfigResult:
        """What Hydra makes of a file.

        Raises:
            UserError: it is none that can be composed safely.
        """
        path = Path(self.path, self._normalize_file_name(config_path))
        if not is_inside(config_path):
            raise UserError(f"{path} is not allowed: name an option by its file, without ..")
        try:
            if path.exists():
                if not path.resolve().is_relative_to(Path(self.path).resolve()):
                    raise ValueError("it is a link that leads out of its folder")
                self.references[path] = _check(path, below_hydra=config_path.startswith("hydra/"))
                if sum(self.references.values()) > _MOST_REFERENCES:
                    raise ValueError(f"the files have more than {_MOST_REFERENCES} references")
            return super().load_config(config_path)
        except UserError:
            raise
        except (yaml.YAMLError, ArithmeticError, ValueError) as error:
            reason = (str(error).splitlines() or [repr(error)])[0]
            raise UserError(f"{path} is no file of options: {reason}.") from error


def _check(path: Path, *, below_hydra: bool) -> int:
    """See that it is a small file, and refers to settings alone; how often it does.

    Raises:
        UserError: it is too large, or no file.
        ValueError: it refers to something else, or chooses options in an unusual way.
    """
    with open_regular(path, SETTINGS_BYTES, links=True) as file:
        text = file.read().decode("utf-8").removeprefix("\ufeff")
    if "\ufeff" in text:  # for some readers of YAML a blank, for others none
        raise ValueError("it has a byte order mark in its midst")
    if _PACKAGE.search(text[:_HEADER]):
        raise ValueError("its package is Hydra's")
    deque(shallow_events(text), maxlen=0)  # to its end
    root = yaml.compose(text, LOADER)
    if root is None:
        return 0
    if _size(root, {}) > _MOST_VALUES:
        raise ValueError(f"its aliases unfold to more than {_MOST_VALUES:,} values")
    _check_defaults(root)
    references = 0
    for hydras, scalar in _scalars(root, set(), below_hydra):
        left = _REFERENCE.sub("", scalar)
        references += scalar.count("${")
        if "${" in left or (hydras and left != scalar):
            where = "of Hydra's settings " if hydras else ""
            raise ValueError(
                f"the value {where}{shown(scalar)} is not allowed: refer to settings by their "
                "names, as in ${data.root}, and to nothing of Hydra's"
            )
    return references


def _check_defaults(root: Any) -> None:
    """See that a list of defaults names options by their groups and files, and nothing else."""
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value != "defaults":
            continue
        for _, word in _scalars(value, set()):
            name = word.removeprefix("override ").removeprefix("optional ")
            if name not in ("", "~") and not is_inside(name):
                raise ValueError(
                    f"its default {shown(word)} is not allowed: name a group and an option in it"
                )


def _size(node: Any, known: dict[int, int]) -> int:
    """How many values a node has when its aliases are unfolded.

    Raises:
        ValueError: it has no end.
    """
    if id(node) not in known:
        known[id(node)] = _MOST_VALUES + 1  # for a node that holds itself
        known[id(node)] = 1 + sum(_size(child, known) for child in _children(node))
    return known[id(node)]


def _children(node: Any) -> Iterator[Any]:
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _scalars(node: Any, seen: set[int], below_hydra: bool = False) -> Iterator[tuple[bool, str]]:
    """All texts of a file, and whether they lie in its section for Hydra."""
    if id(node) in seen and not below_hydra:
        return
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        yield below_hydra, node.value
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(key, seen, below_hydra)
            yield from _scalars(value, seen, below_hydra or key.value == "hydra")
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item, seen, below_hydra)
