"""``task=curves``: the learning curves of a study."""

from pathlib import Path

from nullfit.config.schema import RunConfig


def curves(config: RunConfig, folder: Path) -> None:
    """Draw them."""
