"""Which configurations compute something else since a fault was mended.

Their identity has changed with the mending, so that what an earlier version computed is neither
taken for finished nor gone on with. All other runs keep theirs: what was right stays finished.
``CHANGELOG.md`` tells of each.
"""

from collections.abc import Callable, Mapping
from typing import Any

from nullfit.config.revised_data import (
    corrupted_before_crop,
    numbered_within_subset,
    section_of,
)

Config = Mapping[str, Any]


def _drops_maps_together(config: Config) -> bool:
    """Whether it may have been trained with others, and drops parts of feature maps.

    The masks then were those of another layout in memory than a run alone has. Nothing that a run
    wrote tells for certain that it was alone from its beginning to its end.
    """
    trainer = section_of(config, "trainer")
    together = (
        section_of(config, "task").get("name") in ("train", "rademacher")
        and str(trainer.get("precision")).endswith("-true")
        and trainer.get("compile") is None
        and (trainer.get("devices"), trainer.get("nodes")) == (1, 1)
    )
    return together and _may_drop_maps(config)


def _may_drop_maps(config: Config) -> bool:
    model, regularizer = section_of(config, "model"), section_of(config, "regularizer")
    target = str(model.get("_target_"))
    if not target.startswith("nullfit."):
        return True  # one's own: only its code says what it drops, and in which layout
    own = 0.5 if str(model.get("architecture")).startswith("squeezenet") else 0.0
    dropout = model.get("dropout")
    dropout = section_of(regularizer, "dropout").get(
        "probability", own if dropout is None else dropout
    )
    drops = isinstance(dropout, int | float) and dropout > 0
    if target.endswith(".TorchvisionClassifier"):
        return drops and str(model.get("architecture")).startswith(("squeezenet", "vit_"))
    contiguous = section_of(config, "trainer").get("memory_format") == "contiguous"
    return drops and not contiguous and target.endswith(".WideResNet")


# Name of the mended fault, and whether it changed what this configuration computes. A name is never
# changed, nor is one taken out: it stands in the identity of finished runs.
_REVISIONS: dict[str, Callable[[Config], bool]] = {
    "samples numbered by their place in the source": numbered_within_subset,
    "images cropped and augmented before they are corrupted": corrupted_before_crop,
    "masks of dropout on feature maps": _drops_maps_together,
    "beta_mixture": lambda config: section_of(config, "probe").get("mixture") == "beta",
}


def revisions(config: Config) -> list[str]:
    """The mended faults that a plain configuration was subject to."""
    return [name for name, concerns in _REVISIONS.items() if concerns(config)]
