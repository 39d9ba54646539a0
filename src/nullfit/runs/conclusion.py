"""What a training came to: its files, and the line on it."""

from pathlib import Path

from nullfit.config.schema import RunConfig
from nullfit.config.weights import weights_of_start
from nullfit.console.messages import name_files, say
from nullfit.models.build import parameter_count
from nullfit.results.findings import Findings, add_apart
from nullfit.results.formats import percent
from nullfit.results.result import ARRAYS, Result, write_arrays, write_result
from nullfit.results.samples import SAMPLES, write_samples
from nullfit.results.task_run import CONFUSION, other_tests_of
from nullfit.results.verdict import verdict
from nullfit.runs.outcome import data_fields, result_of
from nullfit.training.checkpoints import discard_resumable
from nullfit.training.loggers import Tracking
from nullfit.training.measures import confusion_matrices
from nullfit.training.start import frozen_count
from nullfit.training.training import Fit, Training


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
