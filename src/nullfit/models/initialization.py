"""Initial weights of nullfit's own networks. The reference study leaves them unspecified."""

from typing import Literal

from torch import nn


def initialize(network: nn.Module, head: nn.Linear) -> None:
    """Draw initial weights in place, from the global generator (`nullfit.models.build` seeds it).

    - Convolutions and hidden linear layers: He normal, standard deviation √(2 / fan_in), which
      keeps the mean square of activations through ReLUs (He, Zhang, Ren, Sun 2015, section 2.2).
    - ``head``, the last linear layer: standard deviation √(1 / fan_in); no ReLU follows.
    - All biases zero. Batch norm stays as PyTorch makes it: scale one, shift zero.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            gain: Literal["linear", "relu"] = "linear" if module is head else "relu"
            nn.init.kaiming_normal_(module.weight, nonlinearity=gain)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
