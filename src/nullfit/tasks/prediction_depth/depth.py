"""The prediction depth.

Source: Baldock, Maennel, Neyshabur, "Deep Learning Through the Lens of Example Difficulty" (NeurIPS
2021, arXiv 2106.09647), section 2.
"""

import numpy as np
from jaxtyping import Int64


def depths(
    neighbours: Int64[np.ndarray, "layers n"], answers: Int64[np.ndarray, " n"]
) -> Int64[np.ndarray, " n"]:
    """The first layer, from 0, from which on all neighbours name what the network answers.

    It is the number of layers where those of the last one name something else.
    """
    agree = neighbours == answers
    from_here_on = np.logical_and.accumulate(agree[::-1], axis=0)
    depth: Int64[np.ndarray, " n"] = len(neighbours) - from_here_on.sum(0)
    return depth
