"""Networks: plain modules ``Model(input_shape, classes, *, settings…)``, each with one YAML file.

``input_shape`` is (channels, height, width). ``forward`` takes whitened images [n, c, h, w] and
gives logits [n, classes]. No model changes its input or branches on its values, so all of them
work under `torch.func`. A model that cannot take an input shape says so when it is made.
"""

from nullfit.models.alexnet import AlexNet
from nullfit.models.build import build, parameter_count
from nullfit.models.cnn5 import CNN5
from nullfit.models.cnn_15x15 import CNN15x15
from nullfit.models.forgetting_cnn import ForgettingCNN
from nullfit.models.inception import Inception
from nullfit.models.inception_flat_head import InceptionFlatHead
from nullfit.models.lenet import LeNet
from nullfit.models.mini_googlenet import MiniGoogLeNet
from nullfit.models.mlp import MLP
from nullfit.models.summary import LayerSummary, summarize
from nullfit.models.torchvision import TorchvisionClassifier
from nullfit.models.wide_resnet import WideResNet

__all__ = [
    "CNN5",
    "MLP",
    "AlexNet",
    "CNN15x15",
    "ForgettingCNN",
    "Inception",
    "InceptionFlatHead",
    "LayerSummary",
    "LeNet",
    "MiniGoogLeNet",
    "TorchvisionClassifier",
    "WideResNet",
    "build",
    "parameter_count",
    "summarize",
]
