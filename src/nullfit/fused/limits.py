"""What can be trained together, whether it pays, and how many networks at once."""

import torch
from torch import nn

from nullfit.config.sections.trainer import TrainerConfig
from nullfit.data.streaming.lazy_images import LazyImages
from nullfit.fused.dropout import Masks, drops
from nullfit.fused.gradients import gradients
from nullfit.fused.optimizers import stacked_kind
from nullfit.fused.stack import Stack
from nullfit.losses import Loss, cross_entropy
from nullfit.models.flops import step_flops
from nullfit.models.summary import summarize
from nullfit.system.memory import available_memory
from nullfit.training.device import device_of
from nullfit.training.fitting import image_dtype
from nullfit.training.start import frozen_count
from nullfit.training.training import Training

# A step alone costs about a millisecond besides its arithmetic, and that is what fusing saves.
# Measured on CPUs (benchmarks/fused.py): below so many FLOPs a step it pays.
_MOST_STEP_FLOPS = {"cpu": 2e8, "cuda": 2e10}
# What it costs in return, such as an optimizer's update that is not one pass, is worth it from so
# many jobs on; larger steps have less to save, and need more jobs to share it.
_LEAST_JOBS = {"cpu": 4, "cuda": 2}
_MANY_JOBS = {"cpu": 8, "cuda": 2}
_MANY_JOBS_FLOPS = 3.5e7
# What a group touches in a step: larger groups gain nothing more (benchmarks/fused.py).
_GROUP_BYTES = {"cpu": 1e8, "cuda": 8e9}
_LEAST_GROUP = 8
# A step touches weights, gradients, momentum and checkpointed copies, and activations three times.
_WEIGHT_COPIES, _ACTIVATION_COPIES = 4, 3


def reason_to_train_alone(training: Training, jobs: int) -> str | None:
    """Why so many trainings like this one are not fused; None if they are.

    Networks must be such that `torch.func` can stack them, so small that fusing pays, and enough.
    """
    optimizer = training.optimizer(list(training.network.parameters()))
    if stacked_kind(optimizer) is None:
        return f"there is no stacked form of the optimizer {type(optimizer).__name__}"
    device = device_of(training.trainer).type
    if (setting := _unfused_setting(training.trainer, device)) is not None:
        return f"{setting} cannot be fused"
    if frozen_count(training.network):
        return "some of their weights are frozen"
    if isinstance(training.data.train.pixels, LazyImages):
        return "its images are streamed"
    if device == "cuda" and drops(training.network):
        return "alone it draws its dropout masks on the GPU, where they cannot be drawn apart"
    return _reason_not_to_gain(training, jobs, device) or _reason_not_to_stack(training)


def _reason_not_to_gain(training: Training, jobs: int, device: str) -> str | None:
    """Why so many of them would not be over sooner; goes by counts, so it is the same each time."""
    flops = step_flops(training.network, training.data.input_shape, training.batch_size)
    most = _MOST_STEP_FLOPS[device]
    if flops > most:
        return (
            f"a step takes {flops / 1e6:,.0f} million floating-point operations, and fusing pays "
            f"below about {most / 1e6:,.0f} million"
        )
    least = (_MANY_JOBS if flops > _MANY_JOBS_FLOPS else _LEAST_JOBS)[device]
    return f"fusing such networks pays from {least} jobs on" if jobs < least else None


def _unfused_setting(trainer: TrainerConfig, device: str) -> str | None:
    """A setting of the trainer that a stack does not heed."""
    if trainer.precision not in ("32-true", "64-true"):
        return f"trainer.precision={trainer.precision}"
    if trainer.compile is not None:
        return f"trainer.compile={trainer.compile}"
    if trainer.processes > 1:
        return f"trainer.devices={trainer.devices} × trainer.nodes={trainer.nodes}"
    if device == "cuda" and trainer.tf32 is not None:
        return f"trainer.tf32={str(trainer.tf32).lower()}"
    return None


def group_size(training: Training) -> int:
    """How many networks to train at once: as many as stay in cache, and in half of free memory."""
    network, device = training.network, device_of(training.trainer)
    weights = sum(weight.numel() for weight in network.parameters())
    outputs = sum(
        torch.Size(layer.output_shape).numel()
        for layer in summarize(network, training.data.input_shape)
        if layer.output_shape
    )
    touched = _WEIGHT_COPIES * weights + _ACTIVATION_COPIES * training.batch_size * outputs
    bytes_each = touched * image_dtype(training.trainer).itemsize
    size = max(_LEAST_GROUP, int(_GROUP_BYTES[device.type] / bytes_each))
    free = available_memory(device)
    if free is None:
        return size
    return max(1, min(size, int(free / 2 / (bytes_each + _own_images(training)))))


def _own_images(training: Training) -> int:
    """Bytes of the images that a member does not share with others, as far as one can tell."""
    data = training.data
    own = [data.train, data.test] if data.images_changed else []
    return sum(split.images.nbytes for split in (*own, *data.other_tests.values()))


def _reason_not_to_stack(training: Training) -> str | None:
    layout = training.execution.layout
    return reason_not_to_stack(training.network, training.data.input_shape, layout, training.loss)


def reason_not_to_stack(
    network: nn.Module,
    input_shape: tuple[int, int, int],
    layout: torch.memory_format = torch.contiguous_format,
    loss: Loss = cross_entropy,
) -> str | None:
    """Why `torch.func` cannot compute with several such networks at once; None if it can."""
    stack = Stack.repeated(network, 2)
    masks = Masks(stack, input_shape, layout)
    weight = next(iter(stack.weights.values()))
    images = torch.zeros(2, *input_shape, dtype=weight.dtype, device=weight.device)
    targets = torch.zeros(2, 2, dtype=torch.int64, device=weight.device)
    try:
        masks.draw([torch.Generator(), torch.Generator()], samples=2)
        gradients(stack, images, targets, loss, shared=True)
    except (RuntimeError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        return f"torch.func cannot stack its network ({reason})"
    return None
