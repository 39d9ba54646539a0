"""torchvision and Lightning import beside any build of torch."""

import subprocess
import sys


def test_both_import_in_a_fresh_process_without_a_warning() -> None:
    code = "from nullfit.system.ecosystem import pytorch_lightning, torchvision; print('fine')"
    command = [sys.executable, "-W", "error::UserWarning", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "fine", done.stderr


def test_torchvision_classifies() -> None:
    import torch

    from nullfit.system.ecosystem import torchvision

    network = torchvision.models.resnet18(num_classes=10)
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 10)
