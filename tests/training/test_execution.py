"""How a training is carried out where its configuration leaves that open."""

import pytest
import torch
from torch import nn

from nullfit import device
from nullfit.config.schema import TrainerConfig
from nullfit.errors import UserError
from nullfit.tasks.train import train
from nullfit.training.execution import Execution


@pytest.fixture
def _four_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


CONVOLVES = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 26 * 26, 10))
SMALL = nn.Linear(100, 10)
LARGE = nn.Linear(3072, 512)


@pytest.mark.usefixtures("_four_threads")
@pytest.mark.parametrize(
    ("network", "changes", "expected"),
    [
        (CONVOLVES, {}, ("channels_last", 4)),
        (SMALL, {}, ("contiguous", 1)),
        (LARGE, {}, ("contiguous", 4)),
        (CONVOLVES, {"memory_format": "contiguous", "threads": 3}, ("contiguous", 3)),
        (SMALL, {"memory_format": "channels_last", "threads": 2}, ("channels_last", 2)),
    ],
    ids=["convolutional", "small", "large", "asked for", "asked for, small"],
)
def test_it_follows_from_network_and_trainer(network, changes, expected) -> None:
    chosen = Execution.of(network, 128, TrainerConfig.default(**changes))
    assert (chosen.memory_format, chosen.threads) == expected


@pytest.mark.usefixtures("_four_threads")
@pytest.mark.parametrize(("threads", "after"), [(None, 4), (2, 2)])
def test_threads_that_were_not_asked_for_are_given_back(threads, after) -> None:
    trainer = TrainerConfig.default(threads=threads)
    with Execution.of(SMALL, 128, trainer).applied(SMALL, trainer):
        assert torch.get_num_threads() == (threads or 1)
    assert torch.get_num_threads() == after


@pytest.mark.parametrize("allowed", [True, False, None])
def test_tf32_is_as_asked_for_and_given_back(allowed) -> None:
    products, convolutions = torch.backends.cuda.matmul, torch.backends.cudnn
    before = (products.allow_tf32, convolutions.allow_tf32)
    trainer = TrainerConfig.default(tf32=allowed)
    with Execution.of(SMALL, 128, trainer).applied(SMALL, trainer):
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
