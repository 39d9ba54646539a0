"""One training in several processes, which are numbered by rank from 0 on.

Lightning starts them on one machine; Slurm (``srun``) or ``torchrun`` does on several. All of them
do the same work but for the samples that each computes on. The first alone writes and speaks.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, distributed, nn

from nullfit.config.sections.trainer import TrainerConfig
from nullfit.data.randomized_data import Split
from nullfit.errors import UserError
from nullfit.losses import Loss, cross_entropy
from nullfit.system.ecosystem import pytorch_lightning as pl
from nullfit.system.first_process import left_by_others, starter_of
from nullfit.training.evaluation import Evaluation, evaluate_reaching
from nullfit.training.measures import NetworkEvaluator

_OF_A_GROUP = (
    *("MASTER_ADDR", "MASTER_PORT", "WORLD_SIZE"),
    *("NODE_RANK", "GROUP_RANK", "LOCAL_RANK"),
)


def check_samples(trainer: TrainerConfig, samples: int) -> None:
    """See that there are enough samples to share.

    Raises:
        UserError: some process would have fewer than two, on which batch norm cannot work.
    """
    if 1 < trainer.processes > samples // 2:
        raise UserError(
            f"trainer.devices={trainer.devices} × trainer.nodes={trainer.nodes} are more than "
            f"{samples} training samples can be shared by: use at most {samples // 2} processes."
        )


def placement(trainer: TrainerConfig) -> dict[str, Any]:
    """What Lightning's trainer has to know of devices and processes."""
    from lightning_fabric.plugins.environments.lightning import LightningEnvironment  # noqa: PLC0415

    if trainer.processes == 1:
        # Lightning's own in a Slurm job would resubmit the job, in ignorance of our checkpoints.
        return {"devices": 1, "plugins": [LightningEnvironment()]}
    from pytorch_lightning.strategies import DDPStrategy  # noqa: PLC0415

    return {
        "devices": trainer.devices,
        "num_nodes": trainer.nodes,
        "strategy": DDPStrategy(cluster_environment=_environment(trainer)),
        "use_distributed_sampler": False,  # the loader knows its part
    }


def _environment(trainer: TrainerConfig) -> Any:
    from lightning_fabric.plugins.environments.lightning import LightningEnvironment  # noqa: PLC0415
    from lightning_fabric.plugins.environments.slurm import SLURMEnvironment  # noqa: PLC0415
    from lightning_fabric.plugins.environments.torchelastic import (  # noqa: PLC0415
        TorchElasticEnvironment,
    )

    starter = starter_of(trainer)
    if starter == "torchrun":
        return TorchElasticEnvironment()
    return SLURMEnvironment(auto_requeue=False) if starter == "slurm" else LightningEnvironment()


@contextmanager
def together(trainer: TrainerConfig) -> Iterator[None]:
    """For the time of one training: the other processes run this job alone, and end with it."""
    if trainer.processes == 1:
        yield
        return
    arguments = sys.argv
    before = {name: os.environ.get(name) for name in (*_OF_A_GROUP, "OMP_NUM_THREADS")}
    if trainer.threads is not None:  # else Lightning divides the cores
        os.environ["OMP_NUM_THREADS"] = str(trainer.threads)
    if starter_of(trainer) == "lightning":
        for name in left_by_others(trainer):
            os.environ.pop(name, None)
    sys.argv = _of_this_job(arguments)
    try:
        yield
    finally:
        sys.argv = arguments
        if distributed.is_initialized():
            distributed.destroy_process_group()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def end_others(trainer: pl.Trainer) -> None:
    """End the processes that were started for this training: they would wait for the first one."""
    from pytorch_lightning.strategies.launchers.subprocess_script import (  # noqa: PLC0415
        _SubprocessScriptLauncher,
    )

    if isinstance(trainer.strategy.launcher, _SubprocessScriptLauncher):
        trainer.strategy.launcher.kill(signal.SIGKILL)


def _of_this_job(arguments: list[str]) -> list[str]:
    """The command line of one job of a grid, with which Lightning starts the other processes."""
    from hydra.core.hydra_config import HydraConfig  # noqa: PLC0415

    if not HydraConfig.initialized():
        return arguments
    folder = next((i for i, word in enumerate(arguments) if word == "--config-dir"), None)
    flags = [] if folder is None else arguments[folder : folder + 2]
    return [arguments[0], *flags, *HydraConfig.get().overrides.task, "hydra.mode=RUN"]


def weighted(loss: Float[Tensor, ""], samples: int) -> Float[Tensor, ""]:
    """A mean over this process's samples, so that the mean over processes is that over samples."""
    if not distributed.is_initialized():
        return loss
    total = torch.tensor(float(samples), dtype=loss.dtype, device=loss.device)
    distributed.all_reduce(total)
    return loss * (samples * distributed.get_world_size() / total)


def summed(*values: Tensor) -> list[Tensor]:
    """The sums over all processes."""
    if distributed.is_initialized():
        for value in values:
            distributed.all_reduce(value)
    return list(values)


@dataclass(frozen=True)
class SharedEvaluator(NetworkEvaluator):
    """Evaluates a part of each split in each process; all of them get the whole."""

    def __call__(self, split: Split, /) -> Evaluation:
        """The evaluation of one split, each of its samples once."""
        parts = distributed.get_world_size()
        bounds = [len(split) * part // parts for part in range(parts + 1)]
        own = slice(*bounds[distributed.get_rank() :][:2])
        found = evaluate_reaching(
            0.0,
            self.network,
            split.pixels,
            split.labels,
            split.prepare,
            samples=own,
            loss=self.loss,
        )
        assert found is not None  # every accuracy reaches 0
        sizes = [end - start for start, end in pairwise(bounds)]
        parts_of = (found.predictions, found.losses, found.margins)
        return Evaluation(split.labels, *(_gathered(part, sizes) for part in parts_of))

    def reaching(self, accuracy: float, split: Split, /) -> Evaluation | None:
        """The same where it comes to that accuracy."""
        found = self(split)
        return found if found.accuracy >= accuracy else None


def _gathered(own: Tensor, sizes: list[int]) -> Tensor:
    """The parts of all processes in order; parts differ in size by one at most."""
    most = max(sizes)
    padded = torch.cat([own, own.new_zeros(most - len(own))])
    parts = [torch.empty_like(padded) for _ in sizes]
    distributed.all_gather(parts, padded)
    return torch.cat([part[:size] for part, size in zip(parts, sizes, strict=True)])


def evaluator(network: nn.Module, loss: Loss = cross_entropy) -> NetworkEvaluator:
    """What evaluates splits after an epoch, in one process or several."""
    shared = distributed.is_initialized()
    return SharedEvaluator(network, loss) if shared else NetworkEvaluator(network, loss)


def any_process(trainer: pl.Trainer, found: bool) -> bool:
    """Whether it was found in any process."""
    return bool(trainer.strategy.reduce_boolean_decision(found, all=False))
