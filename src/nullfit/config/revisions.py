"""Which configurations compute something else since a fault was mended.

Their identity has changed with the mending, so that what an earlier version computed is neither
taken for finished nor gone on with. All other runs keep theirs: what was right stays finished.
``CHANGELOG.md`` tells of each.
"""

from collections.abc import Callable, Mapping
from typing import Any

Config = Mapping[str, Any]

# Name of the mended fault, and whether it changed what this configuration computes. A name is never
# changed, nor is one taken out: it stands in the identity of finished runs.
_REVISIONS: dict[str, Callable[[Config], bool]] = {
    "beta_mixture": lambda config: _chosen(config, "probe").get("mixture") == "beta",
}


def _chosen(config: Config, group: str) -> Config:
    found = config.get(group)
    return found if isinstance(found, Mapping) else {}


def revisions(config: Config) -> list[str]:
    """The mended faults that a plain configuration was subject to."""
    return [name for name, concerns in _REVISIONS.items() if concerns(config)]
