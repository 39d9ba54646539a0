"""``task=train``: the randomization test's one run."""

from pathlib import Path
from typing import Any

from torch import nn

from nullfit import assembly
from nullfit.config.identity import config_hash
from nullfit.config.schema import RunConfig
from nullfit.console import say
from nullfit.data.randomized_data import RandomizedData
from nullfit.files import write_text
from nullfit.models.build import parameter_count
from nullfit.results.result import (
    Result,
    command,
    read_result,
    versions,
    write_arrays,
    write_result,
)
from nullfit.training.checkpoints import discard_resumable, resumable
from nullfit.training.evaluation import confusion_matrix
from nullfit.training.fit import Fit, check_device, fit
from nullfit.training.loggers import Tracking, tracking
from nullfit.training.measures import of_split


def train(config: RunConfig, folder: Path) -> Result:
    """Train one network on one data set under one corruption, and write what it came to.

    A run with a result is not repeated; one that was interrupted goes on from its checkpoint.
    """
    digest = config_hash(config.plain())
    finished = read_result(folder)
    if finished is not None and finished["config_hash"] == digest:
        say(f"{config.job}: finished before, nothing to do ({folder})")
        return finished
    check_device(config.trainer)
    data = assembly.randomized_data(config)
    network = assembly.network(config, data.input_shape, len(data.classes))
    resume = resumable(folder, digest)
    say(_beginning(config, data, parameter_count(network), resume))
    write_text(folder / "config.yaml", _yaml(config))
    with tracking(config, folder, digest) as tracked:
        tracked.data(data)
        outcome = _fit(config, folder, digest, network, data, resume, tracked)
        result = _result(config, digest, data, parameter_count(network), outcome)
        confusion = confusion_matrix(of_split(network, data.test), len(data.classes))
        write_arrays(folder, confusion_matrix=confusion.numpy(force=True))
        write_result(folder, result)
        tracked.result(result, confusion)
    discard_resumable(folder)
    say(_outcome(config, outcome))
    written = "result.json, metrics.csv, arrays.npz, config.yaml, checkpoints/final.ckpt"
    say(f"  wrote {folder}/: {written}")
    return result


def _fit(
    config: RunConfig,
    folder: Path,
    digest: str,
    network: nn.Module,
    data: RandomizedData,
    resume: dict[str, Any] | None,
    tracked: Tracking,
) -> Fit:
    noise = config.regularizer.weight_noise
    return fit(
        network,
        data,
        assembly.optimizer(config),
        assembly.schedule(config),
        seed=config.seed,
        trainer=config.trainer,
        batch_size=config.data.batch_size,
        weight_noise=noise.std if noise else 0.0,
        augment=assembly.augmentation(config, data.train.images.shape[-1]),
        folder=folder,
        resume=resume,
        loggers=tracked.loggers,
        watchers=tracked.callbacks,
        about={"config_hash": digest, "config": config.plain()},
        title=config.job,
    )


def identity_fields(config: RunConfig, digest: str) -> Result:
    """The fields of every result that say which run it is."""
    return {
        "task": config.task.name,
        "study": config.study,
        "scale": config.scale,
        "job": config.job,
        "seed": config.seed,
        "config_hash": digest,
    }


def data_fields(config: RunConfig, data: RandomizedData) -> Result:
    """The fields of every result that say what it was trained and tested on."""
    return {
        "data": {
            "name": config.data.name,
            "train_samples": len(data.train),
            "val_samples": len(data.val) if data.val is not None else 0,
            "test_samples": len(data.test),
            "input_shape": list(data.input_shape),
            "classes": len(data.classes),
            "class_names": list(data.classes),
        },
        "corruption": {
            "name": config.corruption.name,
            "labels_changed": data.labels_changed,
            "images_changed": data.images_changed,
            **{k: v for k, v in config.corruption.settings.items() if k != "steps"},
        },
    }


def _result(
    config: RunConfig, digest: str, data: RandomizedData, parameters: int, outcome: Fit
) -> Result:
    return {
        "status": outcome.status,
        **identity_fields(config, digest),
        "model": {"name": config.model.name, "parameters": parameters},
        **data_fields(config, data),
        "metrics": outcome.metrics,
        "fit": {
            "threshold": outcome.threshold,
            "epochs_to_fit": outcome.epochs_to_fit,
            "steps_to_fit": outcome.steps_to_fit,
        },
        "epochs": outcome.epochs,
        "steps": outcome.steps,
        "wall_seconds": round(outcome.seconds, 3),
        "images_per_second": round(outcome.images_per_second, 1),
        "device": outcome.device,
        "threads": outcome.threads,
        "versions": versions(),
        "command": command(),
    }


def _yaml(config: RunConfig) -> str:
    from omegaconf import OmegaConf

    plain: dict[str, Any] = config.plain()
    return OmegaConf.to_yaml(OmegaConf.create(plain))


def _beginning(
    config: RunConfig, data: RandomizedData, parameters: int, resume: dict[str, Any] | None
) -> str:
    start = f"going on after epoch {resume['recorder']['epochs']}, " if resume else ""
    shape = "×".join(map(str, (*data.input_shape[1:], data.input_shape[0])))
    return (
        f"{config.job}: {start}{parameters:,} parameters, {len(data.train):,} training images of "
        f"{shape}, at most {config.trainer.max_epochs} epochs"
    )


def _outcome(config: RunConfig, outcome: Fit) -> str:
    if outcome.status == "diverged":
        return (
            f"{config.job}: diverged in epoch {outcome.epochs}: the loss is no longer finite. "
            f"Try a smaller optimizer.lr than {config.optimizer.settings['lr']:g}."
        )
    metrics = outcome.metrics
    held_out = f"val {metrics['val/accuracy']:.1%}, " if "val/accuracy" in metrics else ""
    fitted = (
        f"fitted after {outcome.epochs_to_fit} epochs"
        if outcome.epochs_to_fit
        else f"not fitted in {outcome.epochs} epochs"
    )
    return (
        f"{config.job}: train {metrics['train/accuracy']:.1%}, "
        f"{held_out}test {metrics['test/accuracy']:.1%}, {fitted}, {outcome.seconds:.1f} s"
    )
