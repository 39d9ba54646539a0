"""Which configurations compute something else since a fault was mended.

Their identity has changed with the mending, so that what an earlier version computed is neither
taken for finished nor gone on with. All other runs keep theirs: what was right stays finished.
``CHANGELOG.md`` tells of each.
"""

from collections.abc import Callable, Mapping
from typing import Any

from nullfit.config.revised_data import corrupted_before_crop, numbered_within_subset

Config = Mapping[str, Any]

# Name of the mended fault, and whether it changed what this configuration computes. A name is never
# changed, nor is one taken out: it stands in the identity of finished runs.
_REVISIONS: dict[str, Callable[[Config], bool]] = {
    "samples numbered by their place in the source": numbered_within_subset,
    "images cropped and augmented before they are corrupted": corrupted_before_crop,
}


def revisions(config: Config) -> list[str]:
    """The mended faults that a plain configuration was subject to."""
    return [name for name, concerns in _REVISIONS.items() if concerns(config)]
