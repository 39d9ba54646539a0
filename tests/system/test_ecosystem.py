"""torchvision classifies beside any build of torch. `test_import_order.py` imports it anew."""


def test_torchvision_classifies() -> None:
    import torch

    from nullfit.system.ecosystem import torchvision

    network = torchvision.models.resnet18(num_classes=10)
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 10)
