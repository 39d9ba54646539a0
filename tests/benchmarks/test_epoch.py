"""The loop that epochs are held against does the whole of its work."""

import torch

from nullfit import assembly
from synthetic import bare_epoch, config_of, synthetic


def test_the_bare_loop_trains_on_every_sample() -> None:
    data = synthetic(train=300, test=10)
    network = assembly.network(config_of("model=mlp_1x512"), data.input_shape, 10)
    seen = []
    network.register_forward_hook(lambda _, inputs, outputs: seen.append(len(outputs)))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    before = [weight.detach().clone() for weight in network.parameters()]
    bare_epoch(network, optimizer, data.train)
    assert seen == [128, 128, 44]
    assert not any(torch.equal(*pair) for pair in zip(before, network.parameters(), strict=True))
