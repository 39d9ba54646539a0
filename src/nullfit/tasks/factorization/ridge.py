"""The rows' ridge regressions, each on its own observed entries."""

import torch
from jaxtyping import Float64
from torch import Tensor

from nullfit.tasks.factorization.observed import Observed

_NUMBERS_PER_BLOCK = 2**23
# Directions with less than this share of the largest curvature count as having none.
SINGULAR = 1e-12


def ridge_rows(
    observed: Observed, factors: Float64[Tensor, "columns k"], ridge: float
) -> Float64[Tensor, "rows k"]:
    """For each row the u that minimizes Σ (x_j − u·v_j)² + ridge |u|² over its observed j.

    v_j are the rows of ``factors``. Where several u do, because ridge is 0 and a row has too few
    entries, it is the shortest; a row without entries gets zero. All normal matrices of a block of
    rows come from one product of a sparse matrix of ones with the products v_ja v_jb, a ≤ b.
    """
    rank = factors.shape[1]
    a, b = torch.triu_indices(rank, rank, device=factors.device)
    products = factors[:, a] * factors[:, b]
    rows = max(1, _NUMBERS_PER_BLOCK // len(a))
    solution = factors.new_empty(len(observed.pointers) - 1, rank)
    masks = observed.matrices(torch.ones_like(observed.values), rows)
    matrices = observed.matrices(observed.values, rows)
    for (part, mask), (_, entries) in zip(masks, matrices, strict=True):
        normal = factors.new_empty(part.stop - part.start, rank, rank)
        normal[:, a, b] = normal[:, b, a] = mask @ products
        solution[part] = solve(normal, entries @ factors, ridge)
    return solution


def solve(
    normal: Float64[Tensor, "rows k k"], moments: Float64[Tensor, "rows k"], ridge: float
) -> Float64[Tensor, "rows k"]:
    """(N + ridge·I)⁻¹ m for each row, by Cholesky; the shortest solution where that is singular."""
    normal.diagonal(dim1=1, dim2=2).add_(ridge)
    lower, info = torch.linalg.cholesky_ex(normal)
    solution = torch.cholesky_solve(moments.unsqueeze(2), lower).squeeze(2)
    pivots = lower.diagonal(dim1=1, dim2=2)
    # Not "<", so that NaN counts as singular, too.
    sound = (info == 0) & (pivots.amin(1) > SINGULAR**0.5 * pivots.amax(1))
    if not bool(sound.all()):
        solution[~sound] = _shortest(normal[~sound], moments[~sound])
    return solution


def _shortest(normal: Tensor, moments: Tensor) -> Tensor:
    curvatures, directions = torch.linalg.eigh(normal)
    flat = curvatures <= SINGULAR * curvatures[:, -1:].clamp(min=torch.finfo(normal.dtype).tiny)
    inverse = curvatures.reciprocal().masked_fill(flat, 0)
    along = (directions.mT @ moments.unsqueeze(2)).squeeze(2) * inverse
    shortest: Tensor = (directions @ along.unsqueeze(2)).squeeze(2)
    return shortest
