"""The loop that epochs are held against does the whole of its work."""

import torch

from epoch import taken_in_turns
from nullfit import assembly
from side_by_side import Asked
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


def test_the_loop_takes_its_turn_between_any_two_epochs() -> None:
    asked = Asked(repeats=2, cores=1, tiny=True)
    data, calls = synthetic(train=8, test=4), []
    turns = taken_in_turns("mlp_1x512", data, asked, {"loop": lambda: calls.append(0)}, [])
    assert len(calls) == 4
    assert len(turns.epochs()) == len(turns.around("loop")) == 2
    turns.seconds["loop"] = [1.0, 3.0, 5.0, 0.0]
    assert turns.around("loop") == [2.0, 4.0]
