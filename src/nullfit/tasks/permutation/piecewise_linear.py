"""Input gradients of chains of affine maps and ReLUs, in closed form."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Float64
from torch import Tensor
from torch.nn import functional

from nullfit.fused import Stack
from nullfit.tasks.permutation.chain import Chain
from nullfit.tasks.permutation.dense_maps import DenseMap, dense_maps, layers_are_sparse, through

# Values of the largest intermediate result: few enough to stay in a cache of some MB.
_BLOCK_VALUES = 2**20
# Samples of a block: many for large matrix products, fewer where several networks convolve at once,
# which is as much quicker than one by one (measured with 1 to 32).
_BLOCK, _CONVOLVED_BLOCK = 2048, 256


class PiecewiseLinear:
    """The derivative of the predicted class's logit as dense matrix products.

    Around almost every input such a network is affine: with weights W₁ … W_L and the masks
    D₁ … D_{L−1} of the active ReLUs the derivative of logit c is e_cᵀ W_L D_{L−1} ⋯ D₁ W₁. (At a
    kink the ReLU's derivative is 0, as in autograd.) Sums over samples need less: with h_n the
    derivative with respect to the first map's output and A = W₁, the sum over n of (h_nᵀ A)_j² is
    (Aᵀ (Σ_n h_n h_nᵀ) A)_jj, so that one small Gram matrix for each network is all that the
    samples add to, where that is cheaper than the derivatives themselves. Values go through the
    first map layer by layer where that is a convolution, whose matrix is mostly zeros.
    """

    def __init__(self, stack: Stack, chain: Chain, input_shape: tuple[int, ...]) -> None:
        self.stack = stack
        self.maps = dense_maps(stack, chain, input_shape)
        self.layers = chain.maps[0] if layers_are_sparse(stack, chain, input_shape) else ()
        self.widths = chain.widths
        hidden = chain.widths[1] if len(chain.widths) > 2 else 0
        self.by_gram = 0 < hidden < chain.widths[0]

    def block(self, shared: bool) -> int:
        """How many samples to take together."""
        return _CONVOLVED_BLOCK if self.layers and shared else _BLOCK

    def members_at_once(self, samples: int) -> int:
        """How many networks to take together with blocks of ``samples``."""
        return max(1, _BLOCK_VALUES // (samples * max(self.widths[1:])))

    def sums(self, members: slice) -> "RunningSums":
        """Empty sums for some of the networks."""
        chosen = [DenseMap(each.matrix[members], each.shift[members]) for each in self.maps]
        count = len(chosen[0].matrix)
        inputs, hidden = self.widths[0], self.widths[1]
        first = chosen[0].matrix.new_zeros((count, hidden), dtype=torch.float64)
        second = (count, hidden, hidden) if self.by_gram else (count, inputs)
        some = self.stack.select(range(len(self.stack))[members]) if self.layers else None
        sparse = None if some is None else SparseMap(some, self.layers)
        return RunningSums(chosen, sparse, self.by_gram, first, first.new_zeros(second))


@dataclass(frozen=True)
class SparseMap:
    """The first map, layer by layer."""

    stack: Stack
    layers: tuple[str, ...]

    def __call__(self, inputs: Float[Tensor, "n ..."]) -> Float[Tensor, "members n k"]:
        """The images of samples that all networks share."""
        return through(self.stack, self.layers, inputs).flatten(2)


@dataclass(frozen=True)
class RunningSums:
    """Sums over the samples seen so far, in float64.

    ``first``: derivatives with respect to the first map's output. ``second``: their Gram matrix,
    or the squared derivatives with respect to the inputs.
    """

    maps: list[DenseMap]
    sparse: SparseMap | None
    by_gram: bool
    first: Float64[Tensor, "members k"]
    second: Float64[Tensor, "members k k"] | Float64[Tensor, "members d"]

    @torch.no_grad()
    def add(self, inputs: Float[Tensor, "..."], shared: bool) -> None:
        """Add samples: (n, …) if the networks share them, else (m, n, …)."""
        if shared and self.sparse is not None:
            values = self.sparse(inputs)
        else:
            values = self.maps[0](inputs.flatten(1 if shared else 2))
        hidden = _derivative_at_first(self.maps, values)
        self.first.add_(hidden.sum(1))
        if self.by_gram:
            self.second.add_(hidden.transpose(1, 2) @ hidden)
        else:
            self.second.add_((hidden @ self.maps[0].matrix.transpose(1, 2)).square_().sum(1))

    def totals(self) -> tuple[Float64[Tensor, "members d"], Float64[Tensor, "members d"]]:
        """Sums of the derivatives with respect to the inputs, and of their squares."""
        matrix = self.maps[0].matrix.double()
        first = (matrix @ self.first.unsqueeze(2)).squeeze(2)
        if not self.by_gram:
            return first, self.second
        # Rounding may leave a tiny negative number where the derivative is zero.
        return first, ((matrix @ self.second) * matrix).sum(2).clamp_min_(0)


def _derivative_at_first(
    maps: list[DenseMap], values: Float[Tensor, "members n k"]
) -> Float[Tensor, "members n k"]:
    """The derivative of the largest output with respect to the first map's output, ``values``."""
    masks = []
    for each in maps[1:]:
        # In place; what is left of the values afterwards are the masks.
        masks.append(values.relu_())
        values = each(values)
    if not masks:
        return functional.one_hot(values.argmax(2), values.shape[2]).to(values.dtype)
    rows = _rows_of_largest(maps[-1], values)
    for following, active in zip(reversed(maps[1:]), reversed(masks), strict=True):
        if following is not maps[-1]:
            rows = rows @ following.matrix.transpose(1, 2)
        rows *= active.sign_()
    return rows


def _rows_of_largest(last: DenseMap, outputs: Float[Tensor, "members n c"]) -> Tensor:
    """The derivative of each sample's largest output with respect to the last map's input."""
    members, before, classes = last.matrix.shape
    first = torch.arange(0, members * classes, classes, device=outputs.device).unsqueeze(1)
    rows = last.matrix.transpose(1, 2).reshape(members * classes, before)
    chosen = (outputs.argmax(2) + first).flatten()
    return rows.index_select(0, chosen).reshape(members, -1, before)
