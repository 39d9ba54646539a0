"""The device of a computation that Lightning has no part in."""

import torch

from nullfit.config.schema import TrainerConfig
from nullfit.training.fit import check_device


def chosen_device(trainer: TrainerConfig) -> torch.device:
    """What ``trainer.accelerator`` asks for; also sets the number of threads.

    Raises:
        UserError: a GPU is asked for and torch finds none.
    """
    check_device(trainer)
    if trainer.threads is not None:
        torch.set_num_threads(trainer.threads)
    on_gpu = trainer.accelerator != "cpu" and torch.cuda.is_available()
    return torch.device("cuda" if on_gpu else "cpu")


def device_name(device: torch.device) -> str:
    """As results give it."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
