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

    Where those of the last one name something else there is none by the paper's definition; here
    it is the number of layers. (Public implementations take the vote after the last layer for the
    answer, so that every sample has one.)
    """
    agree = neighbours == answers
    from_here_on = np.logical_and.accumulate(agree[::-1], axis=0)
    depth: Int64[np.ndarray, " n"] = len(neighbours) - from_here_on.sum(0)
    return depth
