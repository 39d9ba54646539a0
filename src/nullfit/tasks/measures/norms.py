"""Norms of the weights: sums and products over layers, path norm, spectral complexity.

All are taken of a network without batch norm (`folding`), in double precision. Biases count in the
path norm only: the others are of the linear maps.
"""

import copy
import math
from collections.abc import Sequence

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, svds
from torch import Tensor, nn

from nullfit.seeds import generator
from nullfit.tasks.measures.structure import Layer

_SMALL = 1024  # rows or columns of a matrix whose singular values are all computed
_TOLERANCE = 1e-10  # relative, of Lanczos' singular value


def frobenius_norm(layer: Layer) -> float:
    """The square root of the sum of squares of a layer's weight, of a convolution's kernel."""
    return float(layer.weight.norm())


def spectral_norm(layer: Layer) -> float:
    """The most that a layer stretches an input: the largest singular value of its linear map.

    For a convolution that is the map from its whole input, of the size it has in the network and
    padded as there, to its whole output; not the matrix that its kernel can be reshaped to, which
    many implementations take. By Lanczos' iteration (ARPACK) where the matrix is large.
    """
    weight = layer.weight
    if isinstance(layer.module, nn.Linear) and min(weight.shape) <= _SMALL:
        return float(torch.linalg.matrix_norm(weight, 2))
    linear = _without_bias(layer)
    given = torch.zeros(1, *layer.input_shape, dtype=torch.float64, device=weight.device)
    given.requires_grad_()
    returned = linear(given)

    def forward(vector: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            image = torch.from_numpy(np.ascontiguousarray(vector)).to(given).reshape(given.shape)
            return _numbers(linear(image))

    def backward(vector: np.ndarray) -> np.ndarray:
        answer = torch.from_numpy(np.ascontiguousarray(vector)).to(given).reshape(returned.shape)
        (found,) = torch.autograd.grad(returned, given, answer, retain_graph=True)
        return _numbers(found)

    rows, columns = returned.numel(), given.numel()
    if min(rows, columns) == 1:
        one = np.ones(1)
        return float(np.linalg.norm(backward(one) if rows == 1 else forward(one)))
    operator = LinearOperator((rows, columns), forward, backward, dtype=np.float64)
    start = torch.randn(min(rows, columns), generator=generator(0, "spectral norm")).double()
    found = svds(operator, 1, v0=start.numpy(), tol=_TOLERANCE, return_singular_vectors=False)
    return float(found[0])


def row_norms(layer: Layer, weight: Tensor | None = None) -> float:
    """The (2, 1) norm of a layer's transposed matrix: the sum of the lengths of its rows.

    A row belongs to one number of the output; for a convolution to one place of one channel, where
    padding cuts it off at the border. ``weight`` may take the place of the layer's own.
    """
    linear = _without_bias(layer)
    with torch.no_grad():
        linear.weight.copy_((layer.weight if weight is None else weight) ** 2)
        ones = torch.ones(1, *layer.input_shape, dtype=torch.float64, device=linear.weight.device)
        return float(linear(ones).sqrt().sum())


def _without_bias(layer: Layer) -> nn.Conv2d | nn.Linear:
    linear = copy.deepcopy(layer.module).double()
    linear.bias = None
    return linear


def _numbers(tensor: Tensor) -> np.ndarray:
    found: np.ndarray = tensor.detach().flatten().cpu().numpy()
    return found


def log_product(norms: Sequence[float]) -> float:
    """The natural logarithm of a product; minus infinity if a factor is 0."""
    return sum(math.log(norm) if norm > 0 else -math.inf for norm in norms)


@torch.no_grad()
def log_path_norm(network: nn.Module, input_shape: tuple[int, int, int]) -> float:
    """The natural logarithm of the ℓ2 path norm of a network of linear layers and ReLUs.

    The square root of the sum, over all paths from an input to an output, of the product of the
    squared weights on it: what the network with squared weights makes of an input of ones, summed
    over the outputs (Neyshabur, Tomioka & Srebro 2015, arXiv 1503.00036). A bias is the weight from
    a unit that is always one. Pooling stays as it is, as in Jiang et al. 2020 (arXiv 1912.02178,
    appendix C): of a maximum the larger sum counts, a mean is not squared.
    """
    squared = copy.deepcopy(network).double().eval()
    for weight in squared.parameters():
        weight.square_()
    ones = torch.ones(1, *input_shape, dtype=torch.float64)
    total = float(squared(ones.to(next(squared.parameters()).device)).sum())
    return 0.5 * math.log(total) if total > 0 else -math.inf


def log_spectral_complexity(spectral: Sequence[float], deviations: Sequence[float]) -> float:
    """The natural logarithm of R = ∏ ‖Aᵢ‖σ · (Σ (‖Aᵢᵀ − Mᵢᵀ‖₂,₁ / ‖Aᵢ‖σ)^⅔)^(3/2).

    ``spectral`` are the spectral norms ‖Aᵢ‖σ of the layers, ``deviations`` the (2, 1) norms of what
    they differ by from reference matrices Mᵢ (`row_norms`). Source: Bartlett, Foster & Telgarsky
    2017 (arXiv 1706.08498), section 1, with activations that stretch nothing.
    """
    if min(spectral) == 0:
        return -math.inf
    ratios = [(of / norm) ** (2 / 3) for of, norm in zip(deviations, spectral, strict=True)]
    total = sum(ratios)
    return log_product(spectral) + (1.5 * math.log(total) if total > 0 else -math.inf)
