"""Theorem 1 of Zhang et al. 2017, constructed: 2n + d weights fit any labels of n points."""

from nullfit.expressivity.construction import Construction, construct
from nullfit.expressivity.network import InterpolatingNetwork

__all__ = ["Construction", "InterpolatingNetwork", "construct"]
