"""A matrix of known rank with noise, of which a random share is observed."""

import torch

from nullfit.data.rating_matrix import RatingMatrix
from nullfit.seeds import generator

_CELLS_PER_BLOCK = 2**22


def generated_ratings(
    rows: int, columns: int, rank: int, noise: float, observed: float, seed: int
) -> RatingMatrix:
    """x_ij = u_i · v_j + noise, with Gaussian factors for which u_i · v_j has variance 1.

    Each entry is observed with probability ``observed``, independently of its value. ``noise`` is
    the standard deviation of the Gaussian noise. Everything follows from ``seed``.
    """
    random = generator(seed, "ratings")
    scale = rank**-0.25
    u = torch.randn(rows, rank, generator=random, dtype=torch.float64) * scale
    v = torch.randn(columns, rank, generator=random, dtype=torch.float64) * scale
    step = max(1, _CELLS_PER_BLOCK // columns)
    where, values = [], []
    for start in range(0, rows, step):
        block = u[start : start + step]
        seen = torch.rand(len(block), columns, generator=random) < observed
        row, column = seen.nonzero(as_tuple=True)
        where.append(torch.stack([row + start, column]))
        drawn = torch.randn(len(row), generator=random, dtype=torch.float64)
        values.append((block @ v.T)[seen].add_(drawn, alpha=noise))
    row, column = torch.cat(where, dim=1)
    return RatingMatrix(
        shape=(rows, columns),
        rows=row,
        columns=column,
        values=torch.cat(values),
        source=f"generated ratings, rank {rank}, noise {noise:g}, {observed:.3g} observed",
        rank=rank,
        noise_variance=noise**2,
    )
