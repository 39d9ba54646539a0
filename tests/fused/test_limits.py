"""What cannot be trained together as it trains alone is not, and why is said."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from nullfit.fused import limits
from nullfit.fused.limits import reason_to_train_alone
from tests.conftest import MakeConfig
from tests.fused.comparison import training


class Dropping(nn.Module):
    """A network that drops features in a way of its own."""

    def __init__(self, layer: nn.Module, uses: int = 1) -> None:
        super().__init__()
        self.features = nn.Linear(64, 12)
        self.layer = layer
        self.uses = uses
        self.head = nn.Linear(12, 10)

    def forward(self, images: Tensor) -> Tensor:
        features = self.features(images.flatten(1))
        for _ in range(self.uses):
            features = self.layer(features)
        logits: Tensor = self.head(features)
        return logits


class Function(nn.Module):
    def forward(self, features: Tensor) -> Tensor:
        return functional.dropout(features, 0.5, self.training)


class Heir(nn.Dropout):
    def forward(self, features: Tensor) -> Tensor:
        return super().forward(features) + 1


def test_a_dropout_layer_can_be_fused(tiny_config: MakeConfig) -> None:
    made = replace(training(tiny_config()), network=Dropping(nn.Dropout(0.5)))
    assert reason_to_train_alone(made, 64) is None


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (Dropping(nn.Dropout(0.5), uses=2), "dropout layer layer is used more than once in a pass"),
        (Dropping(Function()), "random"),
        (Dropping(nn.AlphaDropout(0.5)), "random"),
        (Dropping(Heir(0.5)), "random"),
    ],
    ids=["a layer used twice", "a function", "another kind of layer", "an heir of the layer"],
)
def test_dropout_that_cannot_be_drawn_apart_is_not_fused(tiny_config, network, reason) -> None:
    made = replace(training(tiny_config()), network=network)
    told = reason_to_train_alone(made, 64)
    assert told is not None
    assert told.startswith("torch.func cannot stack its network")
    assert reason in told


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ("model.dropout=0.5", "alone it draws its dropout masks on the GPU"),
        ("trainer.tf32=true", "trainer.tf32=true cannot be fused"),
        ("trainer.tf32=null", None),
    ],
)
def test_what_a_stack_does_otherwise_on_a_gpu(tiny_config, monkeypatch, override, reason) -> None:
    monkeypatch.setattr(limits, "device_of", lambda _: torch.device("cuda"))
    told = reason_to_train_alone(training(tiny_config(override)), 64)
    assert told is None if reason is None else told.startswith(reason)


def test_a_training_of_several_processes_is_not_fused(tiny_config: MakeConfig) -> None:
    told = reason_to_train_alone(training(tiny_config("trainer.devices=2")), 64)
    assert told == "trainer.devices=2 × trainer.nodes=1 cannot be fused"
