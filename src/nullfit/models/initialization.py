"""Initial weights of nullfit's own networks. The reference study leaves them unspecified."""

from math import sqrt
from typing import Literal

from torch import nn

HEAD_SCALE = 0.1
# Of others: `reinitialize`.
Initialization = Literal["pytorch", "glorot", "he_fan_out"]


def initialize(network: nn.Module, head: nn.Linear) -> None:
    """Draw initial weights in place, from the global generator (`nullfit.models.build` seeds it).

    - Convolutions and hidden linear layers: He normal, standard deviation √(2 / fan_in), which
      keeps the mean square of activations through ReLUs (He, Zhang, Ren, Sun 2015, section 2.2).
    - ``head``, the last linear layer: standard deviation 0.1 / √fan_in. Logits start near zero and
      the loss near log(classes) even where max-pools make the activations large (Alexnet).
    - All biases zero. Batch norm stays as PyTorch makes it: scale one, shift zero.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            if module is head:
                nn.init.normal_(module.weight, std=HEAD_SCALE / sqrt(head.in_features))
            else:
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def reinitialize(network: nn.Module, kind: Initialization) -> None:
    """Draw the weights of any network anew, in place, from the global generator.

    - ``pytorch``: as PyTorch's layers come, uniform within ±1 / √fan_in, biases as well
      (``reset_parameters`` of each module).
    - ``glorot``: convolutions and linear layers normal, standard deviation √(2 / (fan_in +
      fan_out)) (Glorot, Bengio 2010, equation 16, for normal weights), biases zero.
    - ``he_fan_out``: convolutions normal, standard deviation √(2 / fan_out) (He, Zhang, Ren, Sun
      2015, section 2.2, for the backward pass); linear layers as PyTorch's, biases zero.
    """
    for module in network.modules():
        if kind == "pytorch":
            if callable(reset := getattr(module, "reset_parameters", None)):
                reset()
        elif isinstance(module, nn.Conv2d | nn.Linear):
            if kind == "glorot":
                nn.init.xavier_normal_(module.weight)
            elif isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            else:
                module.reset_parameters()
            if module.bias is not None:
                nn.init.zeros_(module.bias)
