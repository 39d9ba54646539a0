"""``task=train``: the randomization test's one run."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit import assembly
from nullfit.config.identity import config_hash
from nullfit.config.schema import RunConfig
from nullfit.console import say
from nullfit.data.image_set import Dataset
from nullfit.device import check_device
from nullfit.errors import UserError
from nullfit.first_process import is_first
from nullfit.models.build import parameter_count
from nullfit.probes.suited import refuse_unsuited
from nullfit.results.formats import percent
from nullfit.results.result import Result, write_arrays, write_result
from nullfit.results.study import Run
from nullfit.results.verdict import verdict
from nullfit.tasks.outcome import begin, data_fields, finished, result_of
from nullfit.training.checkpoints import discard_resumable, resumable
from nullfit.training.evaluation import confusion_matrix
from nullfit.training.fit import Fit, Training, fit
from nullfit.training.loggers import Tracking, tracking
from nullfit.training.measures import of_split
from nullfit.training.ranks import check_samples

if TYPE_CHECKING:
    from nullfit.preflight.look import Look

_ALWAYS_ALLOWED = 128  # samples in a batch, the default: with it a smaller set is one batch


def train(config: RunConfig, folder: Path) -> Result:
    """Train one network on one data set under one corruption, and write what it came to.

    A run with a result is not repeated; one that was interrupted goes on from its checkpoint.
    """
    if (before := finished(config, folder)) is not None:
        say(f"  {Run(folder, before, config.plain()).verdict}")
        return before
    check_device(config.trainer)
    training = prepare(config, folder)
    if not is_first(config.trainer):  # of the processes that share a training
        fit(training)
        return {}
    say(_beginning(training))
    begin(config, folder)
    with tracking(config, folder) as tracked:
        tracked.data(training.data)
        if training.resume is not None:
            tracked.goes_on(training.resume["recorder"]["rows"])
        outcome = fit(training, tracked.loggers, tracked.callbacks)
        return conclude(config, folder, training, outcome, tracked)


def prepare(config: RunConfig, folder: Path, dataset: Dataset | None = None) -> Training:
    """All that a run trains with, and the checkpoint that it can go on from; writes nothing.

    ``dataset`` is that of `assembly.load_dataset` where it was read already.

    Raises:
        UserError: a batch is larger than the training set, more processes are to share it than
            can, or it does not suit the probe.
    """
    data = assembly.randomized_data(config, dataset)
    _refuse_too_few(config, len(data.train))
    refuse_unsuited(config.probe, data.train, len(data.train))
    network = assembly.network(config, data.input_shape, len(data.classes))
    digest = config_hash(config.plain())
    return replace(
        assembly.training(config, network, data),
        folder=folder,
        resume=resumable(folder, digest),
        probe=assembly.probe(config),
        about={"config_hash": digest, "config": config.plain()},
    )


def refuse_beforehand(config: RunConfig, look: "Look") -> None:
    """What `train` refuses at its start, found without preparing all data or making weights.

    Raises:
        UserError: as `prepare`, or the device asked for is not there.
    """
    look.device(config)
    sample = look.sample(config)
    _refuse_too_few(config, sample.train)
    refuse_unsuited(config.probe, sample.data.train, sample.train)
    look.network(config, sample.data.input_shape, len(sample.data.classes))


def _refuse_too_few(config: RunConfig, samples: int) -> None:
    check_samples(config.trainer, samples)
    batch_size = config.data.batch_size
    if batch_size > max(samples, _ALWAYS_ALLOWED):
        raise UserError(
            f"data.batch_size={batch_size} is larger than the training set of {samples} samples. "
            f"Choose 1 to {samples}."
        )


def conclude(
    config: RunConfig, folder: Path, training: Training, outcome: Fit, tracked: Tracking
) -> Result:
    """Write what a training came to, the result last."""
    data, probe = training.data, training.probe
    say(_outcome(config, outcome))
    confusion = confusion_matrix(of_split(training.network, data.test), len(data.classes))
    found = {} if probe is None else {probe.name: probe.finish(data)}
    for name, findings in found.items():
        findings.publish(folder, name)
        tracked.findings(name, findings)
    arrays = {name: array for f in found.values() for name, array in f.arrays.items()}
    write_arrays(folder, confusion_matrix=confusion.numpy(force=True), **arrays)
    fields = {name: findings.fields for name, findings in found.items()}
    result = result_of(config, {**_fields(config, training, outcome), **fields})
    say(f"  {verdict(result, outcome.rows, config.trainer.model_dump(), data.largest_test_class)}")
    write_result(folder, result)
    tracked.result(result, confusion)
    discard_resumable(folder)
    written = "result.json, metrics.csv, arrays.npz, config.yaml, checkpoints/final.ckpt"
    say(f"  wrote {folder}/: {written}")
    return result


def _fields(config: RunConfig, training: Training, outcome: Fit) -> Result:
    return {
        "status": outcome.status,
        "model": {"name": config.model.name, "parameters": parameter_count(training.network)},
        **data_fields(config, training.data),
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
        "memory_format": outcome.memory_format,
        "compile": outcome.compile,
    }


def _beginning(training: Training) -> str:
    resume, data = training.resume, training.data
    start = f"going on after {_passed(resume)}, " if resume else ""
    shape = "×".join(map(str, (*data.input_shape[1:], data.input_shape[0])))
    return (
        f"{training.title}: {start}{parameter_count(training.network):,} parameters, "
        f"{len(data.train):,} training images of {shape}, "
        f"at most {training.epochs:,} epochs, {training.execution}"
    )


def _passed(checkpoint: dict[str, Any]) -> str:
    epochs, epoch = checkpoint["recorder"]["epochs"], checkpoint["epoch"]
    return f"epoch {epochs}" + (f" and {epoch['batches']} steps" if epoch else "")


def _outcome(config: RunConfig, outcome: Fit) -> str:
    if outcome.status == "diverged":
        return f"{config.job}: diverged in epoch {outcome.epochs}"
    metrics = outcome.metrics
    held_out = f"val {percent(metrics['val/accuracy'])}%, " if "val/accuracy" in metrics else ""
    epochs = f"{outcome.epochs} epoch{'' if outcome.epochs == 1 else 's'}"
    fitted = (
        f"fitted after {outcome.epochs_to_fit} of {epochs}"
        if outcome.epochs_to_fit
        else f"not fitted in {epochs}"
    )
    return (
        f"{config.job}: train {percent(metrics['train/accuracy'])}%, "
        f"{held_out}test {percent(metrics['test/accuracy'])}%, {fitted}, {outcome.seconds:.1f} s"
    )
