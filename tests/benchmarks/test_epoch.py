"""The benchmark of an epoch runs; how long it takes is not looked at."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

import nullfit
from measurement import read
from nullfit import assembly
from synthetic import bare_epoch, config_of, synthetic

BENCHMARK = Path(nullfit.__file__).parents[2] / "benchmarks" / "epoch.py"


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


@pytest.mark.slow
def test_it_measures_both_networks(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARK), "--tiny", "--cores", "1", "--write", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    _, found = read(tmp_path / "epoch.json")
    assert [each.name.removeprefix("epoch/") for each in found] == [
        *("mlp_3x512", "mlp_3x512_evaluated", "inception", "inception_same_layout"),
        *("inception_evaluated", "inception_evaluated_same_layout"),
    ]
    assert all(each.ours[0] > 0 and each.theirs[0] > 0 for each in found)
