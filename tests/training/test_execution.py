"""How a training is carried out where its configuration leaves that open."""

import pytest
import torch
from torch import nn

from nullfit.config.sections.trainer import TrainerConfig
from nullfit.errors import UserError
from nullfit.models import MLP, LeNet
from nullfit.models.flops import step_flops
from nullfit.tasks.train.task import train
from nullfit.training import device
from nullfit.training.execution import Execution


@pytest.fixture
def _four_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


SHAPE = (1, 28, 28)
CONVOLVES = LeNet(SHAPE, 10, dropout=0.0)
SMALL = MLP(SHAPE, 10, hidden=[], bias=True, dropout=0.0)
LARGE = MLP(SHAPE, 10, hidden=[512, 512], bias=True, dropout=0.0)


@pytest.mark.usefixtures("_four_threads")
@pytest.mark.parametrize(
    ("network", "samples", "changes", "expected"),
    [
        (CONVOLVES, 128, {}, ("channels_last", 4)),
        (CONVOLVES, 4, {}, ("channels_last", 1)),
        (SMALL, 128, {}, ("contiguous", 1)),
        (LARGE, 128, {}, ("contiguous", 4)),
        (LARGE, 4, {}, ("contiguous", 1)),
        (CONVOLVES, 4, {"memory_format": "contiguous", "threads": 3}, ("contiguous", 3)),
        (SMALL, 128, {"memory_format": "channels_last", "threads": 2}, ("channels_last", 2)),
    ],
)
def test_it_follows_from_network_batch_and_trainer(network, samples, changes, expected) -> None:
    chosen = Execution.of(network, SHAPE, samples, TrainerConfig.default(**changes))
    assert (chosen.memory_format, chosen.threads) == expected


def test_the_operations_of_a_step_are_counted_and_leave_the_network_as_it_was() -> None:
    network = LeNet(SHAPE, 10, dropout=0.5).double().train()
    before = [value.clone() for value in network.state_dict().values()]
    flops = step_flops(network, SHAPE, 4)
    assert flops == step_flops(LeNet(SHAPE, 10, dropout=0.0), SHAPE, 1) * 4
    weights = sum(layer.weight.numel() for layer in LARGE.modules() if isinstance(layer, nn.Linear))
    assert step_flops(LARGE, SHAPE, 2) == 3 * 2 * 2 * weights
    assert all(part.training for part in network.modules())
    for value, known in zip(network.state_dict().values(), before, strict=True):
        assert torch.equal(value, known)


@pytest.mark.usefixtures("_four_threads")
@pytest.mark.parametrize(("threads", "after"), [(None, 4), (2, 2)])
def test_threads_that_were_not_asked_for_are_given_back(threads, after) -> None:
    trainer = TrainerConfig.default(threads=threads)
    with Execution.of(SMALL, SHAPE, 128, trainer).applied(SMALL, trainer):
        assert torch.get_num_threads() == (threads or 1)
    assert torch.get_num_threads() == after


@pytest.mark.parametrize("allowed", [True, False, None])
def test_tf32_is_as_asked_for_and_given_back(allowed) -> None:
    products, convolutions = torch.backends.cuda.matmul, torch.backends.cudnn
    before = (products.allow_tf32, convolutions.allow_tf32)
    trainer = TrainerConfig.default(tf32=allowed)
    with Execution.of(SMALL, SHAPE, 128, trainer).applied(SMALL, trainer):
        within = (products.allow_tf32, convolutions.allow_tf32)
    assert within == (before if allowed is None else (allowed, allowed))
    assert (products.allow_tf32, convolutions.allow_tf32) == before


def test_a_run_shows_and_records_it(tiny_config, tmp_path, capsys) -> None:
    options = ("model=wide_resnet_10", "trainer.max_epochs=1", "trainer.threads=1")
    result = train(tiny_config(*options), tmp_path / "run")
    assert (result["memory_format"], result["threads"]) == ("channels_last", 1)
    assert "1 thread, channels_last" in capsys.readouterr().out


def test_bfloat16_is_refused_where_the_processor_lacks_it(monkeypatch) -> None:
    trainer = TrainerConfig.default(accelerator="cpu", precision="bf16-mixed")
    monkeypatch.setattr(device, "processor_has_bfloat16", lambda: True)
    device.check_device(trainer)
    monkeypatch.setattr(device, "processor_has_bfloat16", lambda: False)
    with pytest.raises(UserError, match="processor has no instructions for bfloat16") as refused:
        device.check_device(trainer)
    assert "trainer.precision=32-true" in str(refused.value)
