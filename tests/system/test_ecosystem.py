"""torchvision classifies beside any build of torch. `test_import_order.py` imports it anew."""

import importlib.metadata

import pytest


def test_torchvision_classifies() -> None:
    import torch

    from nullfit.system.ecosystem import torchvision

    network = torchvision.models.resnet18(num_classes=10)
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


@pytest.mark.filterwarnings("ignore")  # advice of Lightning's
def test_installed_packages_are_asked_once_for_callbacks(monkeypatch: pytest.MonkeyPatch) -> None:
    from nullfit.system.ecosystem import pytorch_lightning as pl

    def trainer() -> pl.Trainer:
        return pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)

    trainer()
    asked: list[object] = []
    monkeypatch.setattr(importlib.metadata, "distributions", lambda *_, **__: asked.append(1) or [])
    trainer()
    assert not asked
