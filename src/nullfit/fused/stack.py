"""Networks of one architecture with their weights stacked along a first axis."""

import copy
from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

Tensors = dict[str, Tensor]


class Stack:
    """m networks that compute as one: `torch.func.vmap` over stacked weights and buffers.

    ``weights`` and ``buffers`` map the names of the network's own to tensors (m, …). The networks
    are copied. They must have the same architecture; what differs is their values alone.
    """

    def __init__(self, template: nn.Module, weights: Tensors, buffers: Tensors) -> None:
        self.template = template
        self.weights = weights
        self.buffers = buffers

    @classmethod
    def of(cls, networks: Sequence[nn.Module]) -> "Stack":
        """Stack at least one network."""
        weights, buffers = stack_module_state(list(networks))
        weights = {name: weight.detach().contiguous() for name, weight in weights.items()}
        return cls(copy.deepcopy(networks[0]), weights, dict(buffers))

    @classmethod
    def repeated(cls, network: nn.Module, members: int) -> "Stack":
        """The same network ``members`` times."""

        def repeat(values: Tensor) -> Tensor:
            return values.detach().unsqueeze(0).repeat(members, *[1] * values.ndim)

        weights = {name: repeat(weight) for name, weight in network.named_parameters()}
        buffers = {name: repeat(buffer) for name, buffer in network.named_buffers()}
        return cls(copy.deepcopy(network), weights, buffers)

    def __len__(self) -> int:
        return len(next(iter(self.weights.values())))

    @torch.no_grad()
    def logits(
        self, inputs: Float[Tensor, "..."], shared: bool
    ) -> Float[Tensor, "members n outputs"]:
        """All networks' outputs in evaluation mode.

        ``inputs`` are (n, …) if they are ``shared`` by all networks, else (m, n, …).
        """
        return self.forward(inputs, shared, training=False)

    def forward(
        self, inputs: Float[Tensor, "..."], shared: bool, *, training: bool
    ) -> Float[Tensor, "members n outputs"]:
        """The same with gradients; in ``training`` mode it updates buffers (running means)."""
        self.template.train(training)

        def one(weights: Tensors, buffers: Tensors, inputs: Tensor) -> Tensor:
            outputs: Tensor = functional_call(self.template, (weights, buffers), (inputs,))
            return outputs

        dimensions = (0, 0, None if shared else 0)
        outputs: Tensor = vmap(one, in_dims=dimensions)(self.weights, self.buffers, inputs)
        return outputs

    def network(self, member: int) -> nn.Module:
        """One of the networks, on its own."""
        network = copy.deepcopy(self.template)
        self.copy_to(member, network)
        return network

    @torch.no_grad()
    def copy_to(self, member: int, network: nn.Module) -> None:
        """Write one network's values into a module of the same architecture."""
        for name, weight in network.named_parameters():
            weight.copy_(self.weights[name][member])
        for name, buffer in network.named_buffers():
            buffer.copy_(self.buffers[name][member])

    def between(self, first: int, end: int) -> "Stack":
        """Neighbours, as views: what changes in them changes here."""
        weights = {name: weight[first:end] for name, weight in self.weights.items()}
        buffers = {name: buffer[first:end] for name, buffer in self.buffers.items()}
        return Stack(self.template, weights, buffers)

    def select(self, members: Sequence[int]) -> "Stack":
        """Some of the networks, in the order given."""
        return Stack(self.template, rows(self.weights, members), rows(self.buffers, members))


def rows(tensors: Mapping[str, Tensor], members: Sequence[int]) -> Tensors:
    """The values of some members."""
    return {
        name: values[torch.as_tensor(members, device=values.device, dtype=torch.int64)]
        for name, values in tensors.items()
    }
