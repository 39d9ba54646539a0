"""``task=expressivity``: Theorem 1 of Zhang et al. 2017, constructed.

2n + d weights fit any labels of n points.
"""
