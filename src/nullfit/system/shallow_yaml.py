"""YAML of strangers, looked through before it is loaded: libyaml crashes on deep nesting."""

from collections.abc import Iterator
from typing import Any

import yaml

# libyaml's loader where PyYAML was built with it
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 50  # levels of nesting


def shallow_events(text: str) -> Iterator[yaml.Event]:
    """The events of parsing a text.

    Raises:
        ValueError: it is nested too deeply.
        yaml.YAMLError: it is no YAML.
    """
    depth = 0
    for event in yaml.parse(text, LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise ValueError("it is nested too deeply")
        yield event
