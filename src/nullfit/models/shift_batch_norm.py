"""Batch normalization that learns a shift and no scale."""

import torch
from torch import nn


class ShiftBatchNorm2d(nn.BatchNorm2d):
    """`torch.nn.BatchNorm2d` whose scale is fixed at one.

    A ReLU and a linear map follow, which can take over the scale; this is how the reference study
    counts the parameters of its Inception (one per channel with and without batch norm).
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        del self.weight
        # Constant, so not worth a place in checkpoints.
        self.register_buffer("weight", torch.ones(channels), persistent=False)
