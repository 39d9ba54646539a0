"""A training, from its settings to its result; alone or with others."""

import math
import re
from dataclasses import replace
from pathlib import Path

from torch import nn

from nullfit import assembly
from nullfit.config.components import typed_settings
from nullfit.config.identity import config_hash
from nullfit.config.schema import RunConfig
from nullfit.config.validation import target_of
from nullfit.config.weights import weights_of_start
from nullfit.console.messages import name_files, say
from nullfit.data.image_set import Dataset
from nullfit.data.randomized_data import RandomizedData
from nullfit.errors import UserError
from nullfit.models.build import parameter_count
from nullfit.results.findings import Findings, add_apart
from nullfit.results.formats import percent
from nullfit.results.result import ARRAYS, Result, write_arrays, write_result
from nullfit.results.samples import SAMPLES, write_samples
from nullfit.results.task_run import CONFUSION, other_tests_of
from nullfit.results.verdict import verdict
from nullfit.runs.outcome import data_fields, result_of
from nullfit.system.reading import ARRAYS_BYTES
from nullfit.training.checkpoints import discard_resumable, read_checkpoint, resumable
from nullfit.training.loggers import Tracking
from nullfit.training.measures import confusion_matrices
from nullfit.training.probe import Probe
from nullfit.training.ranks import check_samples
from nullfit.training.start import begin_with, freeze, frozen_count
from nullfit.training.training import Fit, Training

_ALWAYS_ALLOWED = 128  # samples in a batch, the default: with it a smaller set is one batch
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)  # of a probe
# Of result.json, whatever looked on.
FIELDS = frozenset(
    {
        *("task", "study", "scale", "job", "seed", "seeds", "config_hash", "revisions", "status"),
        *("model", "data", "corruption", "metrics", "fit", "epochs", "steps", "wall_seconds"),
        *("images_per_second", "device", "threads", "memory_format", "compile", "versions"),
        *("command", "start", "digests"),
    }
)
_MOST_BYTES = ARRAYS_BYTES // 2  # of recorded matrices; a probe has arrays as well


def prepare(config: RunConfig, folder: Path, dataset: Dataset | None = None) -> Training:
    """All that a run trains with, and the checkpoint that it can go on from; writes nothing.

    ``dataset`` is that of `assembly.load_dataset` where it was read already.

    Raises:
        UserError: a batch is larger than the training set, more processes are to share it than
            can, it does not suit the probe, or the matrices to be recorded are too many.
    """
    probes = probes_of(config)
    data = assembly.randomized_data(config, dataset)
    refuse_too_few(config, len(data.train))
    _refuse_too_many_matrices(config, data)
    for probe in probes:
        probe.refuse(data.train, len(data.train))
    network = initial_network(config, data.input_shape, len(data.classes))
    digest = config_hash(config.plain())
    return replace(
        assembly.training(config, network, data),
        folder=folder,
        resume=resumable(folder, digest),
        probes=probes,
        about={"config_hash": digest, "config": config.plain()},
    )


def initial_network(
    config: RunConfig, input_shape: tuple[int, int, int], classes: int
) -> nn.Module:
    """The network that a training begins with: the weights of another run in it, some frozen.

    Raises:
        UserError: that run has no such weights, they do not fit, or nothing is left to be trained.
    """
    network = assembly.network(config, input_shape, classes)
    for part in weights_of_start(config.start.model_dump(), config.model.name, config.seed):
        begin_with(
            network, read_checkpoint(part.file)["state_dict"], part.layers, str(part.file), part.key
        )
    if config.freeze is not None:
        freeze(network, config.freeze)
    return network


def refuse_too_few(config: RunConfig, samples: int) -> None:
    """See that a training set of so many samples is enough.

    Raises:
        UserError: a batch is larger than it, or more processes are to share it than can.
    """
    check_samples(config.trainer, samples)
    batch_size = config.data.batch_size
    if batch_size > max(samples, _ALWAYS_ALLOWED):
        raise UserError(
            f"data.batch_size={batch_size} is larger than the training set of {samples} samples. "
            f"Choose 1 to {samples}."
        )


def _refuse_too_many_matrices(config: RunConfig, data: RandomizedData) -> None:
    trainer, size = config.trainer, 4 * len(data.classes) ** 2
    epochs = trainer.epochs(len(data.train), config.data.batch_size)
    evaluations = math.ceil(epochs / trainer.evaluate_every)
    if trainer.record_confusion and evaluations * size > _MOST_BYTES:
        every = math.ceil(epochs / max(_MOST_BYTES // size, 1))
        raise UserError(
            f"trainer.record_confusion=true would keep a matrix of {len(data.classes):,}² counts "
            f"after up to {epochs:,} epochs, more than can be read again. Use "
            f"trainer.evaluate_every={every}, or trainer.record_confusion=false."
        )


def probes_of(config: RunConfig) -> list[Probe]:
    """What looks on while a network trains.

    Raises:
        UserError: it is impossible with the run's other settings, or its findings would have the
            place of others.
    """
    probes: dict[str, Probe] = {}
    trainer = config.trainer
    for section, chosen in config.probe_sections.items():
        made = target_of(config, section)
        probe: Probe = made(config, **typed_settings(made, chosen.settings))
        _refuse_name(chosen.name, probe)
        if probe.hears_steps and trainer.processes > 1:
            raise UserError(
                f"probe={chosen.name} is impossible with trainer.devices={trainer.devices} × "
                f"trainer.nodes={trainer.nodes}: each process takes steps on samples of its own. "
                "Use one process."
            )
        if probe.name in probes:
            raise UserError(
                f"probe={chosen.name} and another one both write the section {probe.name} of "
                "result.json. Choose one of them."
            )
        probes[probe.name] = probe
    return [probes[name] for name in sorted(probes)]  # however they were listed


def _refuse_name(option: str, probe: Probe) -> None:
    name = getattr(probe, "name", None)
    if isinstance(name, str) and _NAME.fullmatch(name) and name not in FIELDS:
        return
    raise UserError(
        f"probe={option}: {name!r} cannot be the name of its class {type(probe).__name__}, which "
        "is that of a section of result.json and of files. Give the class a name of letters, "
        "digits and _ that no other field has."
    )


def conclude(
    config: RunConfig, folder: Path, training: Training, outcome: Fit, tracked: Tracking
) -> Result:
    """Write what a training came to, the result last."""
    data = training.data
    say(_outcome(config, outcome))
    confusions = confusion_matrices(training.network, data)
    found = {probe.name: probe.finish(data) for probe in training.probes}
    for name, findings in found.items():
        _publish(findings, folder, name)
        tracked.findings(name, findings, data)
    counts = {name: matrix.numpy(force=True) for name, matrix in confusions.items()}
    arrays = {**counts, **outcome.arrays}
    for name, findings in found.items():
        add_apart(arrays, name, findings.arrays, ARRAYS)
    write_arrays(folder, **arrays)
    scores = {name: f.scores for name, f in found.items() if f.scores}
    if scores:
        write_samples(folder, data.train, scores)
    fields = {name: findings.fields for name, findings in found.items()}
    fields |= _start_fields(config, training)
    result = result_of(config, {**_fields(config, training, outcome), **fields})
    say(f"  {verdict(result, outcome.rows, config.trainer.model_dump(), data.largest_test_class)}")
    write_result(folder, result)
    tracked.result(result, confusions[CONFUSION])
    discard_resumable(folder)
    table = f"{SAMPLES}, " if scores else ""
    written = f"result.json, metrics.csv, {table}arrays.npz, config.yaml, checkpoints/final.ckpt"
    say(f"  wrote {folder}/: {written}")
    return result


def _publish(findings: Findings, folder: Path, name: str) -> None:
    """Say the lines, and write the figure to ``folder`` as ``<name>.pdf``, ``.svg``, ``.png``."""
    for line in findings.lines:
        say(f"  {line}")
    if findings.figure is not None:
        from nullfit.charts.printed import save

        name_files(save(findings.figure, folder / name))


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


def _start_fields(config: RunConfig, training: Training) -> Result:
    """Which weights the run began with, where they were not its own, and how many stayed."""
    if config.start.run is None and config.freeze is None:
        return {}
    start = config.start.model_dump()
    weights = weights_of_start(start, config.model.name, config.seed)
    return {
        "start": {
            **start,
            "weights": [{"file": str(part.file), **part.identity} for part in weights],
            "freeze": config.freeze,
            "frozen_parameters": frozen_count(training.network),
        }
    }


def _outcome(config: RunConfig, outcome: Fit) -> str:
    if outcome.status == "diverged":
        return f"{config.job}: diverged in epoch {outcome.epochs}"
    metrics = outcome.metrics
    held_out = f"val {percent(metrics['val/accuracy'])}%, " if "val/accuracy" in metrics else ""
    others = "".join(
        f"test {name} {percent(metrics[f'test_{name}/accuracy'])}%, "
        for name in other_tests_of(metrics)
    )
    epochs = f"{outcome.epochs} epoch{'' if outcome.epochs == 1 else 's'}"
    fitted = (
        f"fitted after {outcome.epochs_to_fit} of {epochs}"
        if outcome.epochs_to_fit
        else f"not fitted in {epochs}"
    )
    return (
        f"{config.job}: train {percent(metrics['train/accuracy'])}%, "
        f"{held_out}test {percent(metrics['test/accuracy'])}%, {others}{fitted}, "
        f"{outcome.seconds:.1f} s"
    )
