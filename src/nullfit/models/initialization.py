"""Initial weights of nullfit's own networks. The reference study leaves them unspecified."""

from math import sqrt

from torch import nn

HEAD_SCALE = 0.1


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
