"""``probe=[a,b]`` as Hydra can read it: each probe in a section of its own, ``probes.a``.

The files of probes have the same keys. Merged, as Hydra merges a list, the last would win.
"""

import re
from collections.abc import Sequence

from hydra.core.override_parser.types import Override, QuotedString

GROUP = "probe"
_NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9_]")
_ADDED = re.compile(r"\+probe@probes\.\w+=(?P<name>.+)")


def apart(override: Override) -> list[str]:
    """The words that an override of a command means: itself, unless it lists probes."""
    chosen = override.value()
    listed = override.key_or_group == GROUP and override.package is None
    if not listed or not isinstance(chosen, list):
        return [override.input_line or ""]
    found = dict.fromkeys(name.text if isinstance(name, QuotedString) else name for name in chosen)
    names = [str(name) for name in found if name != "none"]
    if len(names) < 2:
        return [f"{GROUP}={name}" for name in names or ["none"]]
    added = [f"+{GROUP}@{GROUP}s.{_NOT_IN_KEYS.sub('_', name)}={name}" for name in names]
    return [f"{GROUP}=none", *added]


def joined(words: Sequence[str]) -> list[str]:
    """The words of a command with its probes in one list again, for people."""
    added = {word: found["name"] for word in words if (found := _ADDED.fullmatch(word))}
    if not added:
        return list(words)
    kept = [word for word in words if word not in added]
    where = kept.index(f"{GROUP}=none") if f"{GROUP}=none" in kept else len(kept)
    kept[where : where + 1] = [f"{GROUP}=[{','.join(added.values())}]"]
    return kept
