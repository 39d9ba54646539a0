"""The parts of a run, made from its validated configuration."""

from nullfit.assembly.data import randomized_data
from nullfit.assembly.model import network, require_network
from nullfit.assembly.optimization import loss, optimizer, schedule, training
from nullfit.assembly.source import (
    limited,
    load_dataset,
    load_ratings,
    read_source,
    require_ratings,
    source_settings,
)

__all__ = [
    "limited",
    "load_dataset",
    "load_ratings",
    "loss",
    "network",
    "optimizer",
    "randomized_data",
    "read_source",
    "require_network",
    "require_ratings",
    "schedule",
    "source_settings",
    "training",
]
