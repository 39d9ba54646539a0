"""The device that a run computes on."""

import torch

from nullfit.config.sections.trainer import TrainerConfig
from nullfit.errors import UserError
from nullfit.training.compilation import missing_tool


def check_device(trainer: TrainerConfig) -> None:
    """See that the device asked for is there, and can compute and be compiled for as asked for.

    Raises:
        UserError: a GPU is asked for and torch finds none, or a precision that only GPUs have, or
            bfloat16 of a processor that lacks it, or `trainer.compile` where a tool is missing.
    """
    if trainer.accelerator == "gpu" and not torch.cuda.is_available():
        raise UserError(
            "trainer=gpu: torch finds no GPU here. Use trainer=cpu, or trainer=auto for whatever "
            "is there."
        )
    on_cpu = device_of(trainer).type == "cpu"
    if on_cpu and trainer.precision == "16-mixed":  # Lightning would take bfloat16 instead
        raise UserError(
            "trainer.precision=16-mixed needs a GPU, and torch finds none here. Use 32-true or "
            "64-true."
        )
    if on_cpu and trainer.precision == "bf16-mixed" and not processor_has_bfloat16():
        raise UserError(
            "trainer.precision=bf16-mixed: this processor has no instructions for bfloat16 and "
            "would take about 20 times as long as with float32.\n"
            "Use trainer.precision=32-true, or a GPU."
        )
    if trainer.compile is not None and (missing := missing_tool(device_of(trainer))) is not None:
        raise UserError(
            f"trainer.compile={trainer.compile}: torch does not find {missing}, which it compiles "
            "with.\nInstall it, or use trainer.compile=null."
        )


def processor_has_bfloat16() -> bool:
    """Whether torch's library for CPUs (oneDNN) computes in bfloat16 here: AVX-512, AMX, Arm."""
    return torch.backends.mkldnn.is_available() and bool(
        torch.ops.mkldnn._is_mkldnn_bf16_supported()
    )


def device_of(trainer: TrainerConfig) -> torch.device:
    """A GPU if there is one and nothing else is asked for."""
    on_gpu = trainer.accelerator != "cpu" and torch.cuda.is_available()
    return torch.device("cuda", 0) if on_gpu else torch.device("cpu")


def chosen_device(trainer: TrainerConfig) -> torch.device:
    """`device_of` after `check_device`; also sets the number of threads."""
    check_device(trainer)
    if trainer.threads is not None:
        torch.set_num_threads(trainer.threads)
    return device_of(trainer)


def device_name(device: torch.device) -> str:
    """What results call it: the GPU's model, or cpu."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
