"""Options in a folder of ``--config-dir``, which may be a stranger's: looked through first.

Hydra composes a configuration more than once: to check it, to begin the command, in the process of
each job. A reference that comes to something else each time would pass a check and then be obeyed.
So files of such a folder refer to other settings by their names, and to nothing that Hydra or a
process decides.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra.plugins.config_source import ConfigResult

from nullfit.config.environment import READABLE
from nullfit.errors import UserError, shown
from nullfit.system.reading import SETTINGS_BYTES, open_regular

SCHEME = "foreign"

_DEEPEST = 50  # levels of nesting
_MOST_VALUES = 100_000  # with what aliases repeat
# libyaml's loader where PyYAML was built with it
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_VARIABLES = "|".join(sorted(READABLE))
_SETTING = r"\.?[A-Za-z_]\w*(\.\w+)*"
_REFERENCE = re.compile(
    rf"\$\{{(?!hydra\b)({_SETTING}|oc\.env:({_VARIABLES})(,[^${{}}]*)?|nullfit\.\w+:[^${{}}]*)\}}"
)


class ForeignSource(FileConfigSource):
    """Files in a folder of the user's choice, each checked before Hydra reads it."""

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
        try:
            if path.exists():
                _check(path)
            return super().load_config(config_path)
        except UserError:
            raise
        except (yaml.YAMLError, ArithmeticError, ValueError) as error:
            reason = (str(error).splitlines() or [repr(error)])[0]
            raise UserError(f"{path} is no file of options: {reason}.") from error


def _check(path: Path) -> None:
    """See that it is a small file, and refers to settings alone.

    Raises:
        UserError: it is too large, or no file.
        ValueError: it refers to something else.
    """
    with open_regular(path, SETTINGS_BYTES, links=True) as file:
        text = file.read().decode("utf-8")
    depth = 0
    for event in yaml.parse(text, _LOADER):  # libyaml crashes on deep nesting later
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise ValueError("it is nested too deeply")
    root = yaml.compose(text, _LOADER)
    if root is None:
        return
    if _size(root, {}) > _MOST_VALUES:
        raise ValueError(f"its aliases unfold to more than {_MOST_VALUES:,} values")
    for below_hydra, scalar in _scalars(root, set()):
        left = _REFERENCE.sub("", scalar)
        if "${" in left or (below_hydra and left != scalar):
            where = "of Hydra's settings " if below_hydra else ""
            raise ValueError(
                f"the value {where}{shown(scalar)} is not allowed: refer to settings by their "
                "names, as in ${data.root}, and to nothing of Hydra's"
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
