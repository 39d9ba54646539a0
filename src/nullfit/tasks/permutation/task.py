"""``task=permutation_test``: which inputs a network uses, and which it would use by chance."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit.config.identity import config_hash
from nullfit.config.schema import RunConfig
from nullfit.console.messages import name_files, say, show
from nullfit.errors import UserError
from nullfit.results.formats import percent
from nullfit.results.result import Result
from nullfit.results.task_run import TaskRun
from nullfit.runs.outcome import begin, complete, finished
from nullfit.tasks.permutation.guidance import guidance, too_few_replicates
from nullfit.tasks.permutation.settings import PermutationTestSettings

if TYPE_CHECKING:
    from nullfit.runs.preflight.look import Look
    from nullfit.tasks.permutation.findings import Findings
    from nullfit.tasks.permutation.inference import Outcome
    from nullfit.tasks.permutation.subject import Subject
    from nullfit.tracking.task_run import TaskRecord

_ADJUSTED = {"raw": "raw", "bh": "Benjamini–Hochberg", "holm": "Holm", "max_t": "max-T"}


def permutation_test(
    config: RunConfig, folder: Path, *, permutation_test: PermutationTestSettings
) -> Result:
    """Test every input, or patch of inputs, and write statistics and p-values to arrays.npz.

    An interrupted test goes on after the last group of networks that was saved.

    Raises:
        UserError: a setting does not suit the data or the task, or a training diverges.
    """
    if (before := finished(config, folder)) is not None:
        _show_again(config, folder, before)
        return before

    from nullfit.tasks.permutation.findings import Findings
    from nullfit.tasks.permutation.load_subject import load_subject
    from nullfit.tracking.task_run import task_run
    from nullfit.training.device import chosen_device

    _refuse_unsupported(config)
    chosen_device(config.trainer)
    subject = load_subject(config, permutation_test)
    warnings = _warnings(permutation_test, len(subject.problem.features))
    for line in [_beginning(config, permutation_test, subject), *_worded(warnings)]:
        say(line)
    begin(config, folder)
    with task_run(config, folder) as record:
        start = time.perf_counter()
        outcome, checkpoint, device = _test(config, folder, permutation_test, subject)
        seconds = time.perf_counter() - start
        section = _section(permutation_test, subject, outcome, warnings)
        fields = {
            **_fields(config, subject, outcome),
            "permutation_test": section,
            "wall_seconds": round(seconds, 3),
            "device": device,
        }
        say(_ending(config, section, fields["metrics"], seconds))
        arrays = _arrays(subject, outcome)
        found = Findings.of_arrays(arrays, section["null"])
        _draw(record, config.job, section["statistic"], found)
        result = complete(config, folder, fields, arrays, record)
        if config.data.name == "table":
            _show_features(TaskRun(folder, result, config.plain()), found)
        checkpoint.discard()
        return result


def refuse_beforehand(
    config: RunConfig, look: "Look", *, permutation_test: PermutationTestSettings
) -> None:
    """What `permutation_test` refuses at its start, but for checkpoints that cannot be read.

    Raises:
        UserError: as `permutation_test`.
    """
    from nullfit.tasks.permutation.load_subject import refuse_subject

    _refuse_unsupported(config)
    look.device(config)
    refuse_subject(config, permutation_test, look)


def _refuse_unsupported(config: RunConfig) -> None:
    """What the trainings of a test cannot do is refused instead of left out."""
    regularizer = config.regularizer
    unsupported = {
        "regularizer=random_crop": regularizer.random_crop is not None,
        "regularizer=augmentation": regularizer.augmentation is not None,
        "regularizer=weight_noise": regularizer.weight_noise is not None,
        "corruption.fresh=true": config.corruption.fresh,
        f"trainer.precision={config.trainer.precision}": config.trainer.precision != "32-true",
        f"trainer.compile={config.trainer.compile}": config.trainer.compile is not None,
        "trainer.stop_at_train_accuracy": config.trainer.stop_at_train_accuracy is not None,
    }
    for setting, chosen in unsupported.items():
        if chosen:
            raise UserError(
                f"{setting} has no place in task=permutation_test: all its networks are trained "
                "alike, on data that stay as they are. Leave it out."
            )


def _test(
    config: RunConfig, folder: Path, settings: PermutationTestSettings, subject: "Subject"
) -> "tuple[Outcome, Any, str]":

    from nullfit import assembly
    from nullfit.console.progress import Progress
    from nullfit.seeds import derive
    from nullfit.tasks.permutation.checkpoint import Checkpoint
    from nullfit.tasks.permutation.inference import permutation_test
    from nullfit.tasks.permutation.training import Training
    from nullfit.training.device import device_name, device_of

    device = device_of(config.trainer)
    training = Training(
        assembly.optimizer(config),
        assembly.schedule(config),
        _epochs(config, subject),
        config.data.batch_size,
        config.seed,
    )
    checkpoint = Checkpoint(folder, config_hash(config.plain()), config.trainer.checkpoint_seconds)
    with Progress(config.job, 1.0, shown=config.trainer.progress) as progress:
        outcome = permutation_test(
            subject.problem,
            subject.network,
            training,
            settings,
            seed=derive(config.seed, "permutation_test"),
            checkpoint=checkpoint,
            progress=progress,
            device=device,
        )
    return outcome, checkpoint, device_name(device)


def _warnings(settings: PermutationTestSettings, features: int) -> list[str]:
    known = guidance(settings.statistic_used, settings.null_used).warning
    found = [
        known,
        too_few_replicates(settings.replicates, features, settings.null_used),
    ]
    return [warning for warning in found if warning is not None]


def _epochs(config: RunConfig, subject: "Subject") -> int:
    return config.trainer.epochs(len(subject.problem), config.data.batch_size)


def _worded(warnings: list[str]) -> list[str]:
    return [f"  note: {warning}" for warning in warnings]


def _beginning(config: RunConfig, settings: PermutationTestSettings, subject: "Subject") -> str:
    features = len(subject.problem.features)
    each = "" if settings.null_used == "labels" else f" for each of {features:,} features"
    trainings = 1 + settings.replicates * (1 if not each else features)
    return (
        f"{config.job}: {settings.replicates} replicates{each}, up to {trainings:,} trainings on "
        f"{len(subject.problem):,} samples, {_epochs(config, subject)} epochs\n"
        f"  tests {guidance(settings.statistic_used, settings.null_used).tests}"
    )


def _section(
    settings: PermutationTestSettings, subject: "Subject", outcome: "Outcome", warnings: list[str]
) -> Result:
    return {
        "statistic": settings.statistic_used,
        "null": settings.null_used,
        "kind": settings.kind,
        "tests": guidance(settings.statistic_used, settings.null_used).tests,
        "replicates": settings.replicates,
        "trainings": outcome.trainings,
        "samples": min(settings.samples or len(subject.problem), len(subject.problem)),
        "features": len(subject.problem.features),
        "significant": outcome.significant(),
        "warnings": warnings,
    }


def _fields(config: RunConfig, subject: "Subject", outcome: "Outcome") -> Result:
    from nullfit.models.build import parameter_count

    network = subject.network.cpu()
    network.load_state_dict(outcome.weights)
    return {
        "model": {"name": config.model.name, "parameters": parameter_count(network)},
        **subject.fields,
        "metrics": subject.measure(network),
        "epochs": _epochs(config, subject),
    }


def _arrays(subject: "Subject", outcome: "Outcome") -> dict[str, Any]:
    """Everything in the shape of the inputs; the null's first axis are the replicates.

    Of a table, in the order of its columns: a column may be several inputs.
    """
    import numpy as np
    import torch

    named = {"statistic": outcome.statistic, "null_statistic": outcome.null_statistic, **outcome.p}
    problem = subject.problem
    if "columns" in subject.fields["data"]:
        columns = subject.fields["data"]["columns"]
        return {**named, "feature": np.arange(len(columns)), "feature_name": columns}
    numbers = torch.arange(len(problem.features), dtype=torch.float64)
    return {
        **{name: problem.over_inputs(torch.from_numpy(v)).numpy() for name, v in named.items()},
        "feature": problem.over_inputs(numbers).nan_to_num(-1).long().numpy(),
        "feature_name": [feature.name for feature in problem.features],
    }


def _ending(config: RunConfig, section: Result, metrics: dict[str, float], seconds: float) -> str:
    counts = section["significant"]
    significant = ", ".join(
        f"{_ADJUSTED[name]} {counts[name]:,}" for name in _ADJUSTED if name in counts
    )
    reached = ", ".join(
        f"{name} {percent(value)}%" for name, value in metrics.items() if name.endswith("/accuracy")
    )
    network = f"{reached}; " if reached else ""
    return (
        f"{config.job}: of {section['features']:,} features significant at 0.05: {significant}\n"
        f"  {network}{section['trainings']:,} trainings in {seconds:.0f} s"
    )


def _show_again(config: RunConfig, folder: Path, result: Result) -> None:
    """What a finished test said at its end."""
    from nullfit.results.result import read_arrays
    from nullfit.tasks.permutation.feature_table import feature_table
    from nullfit.tasks.permutation.findings import Findings

    section = result["permutation_test"]
    say(_ending(config, section, result["metrics"], result["wall_seconds"]))
    if config.data.name == "table":
        found = Findings.of_arrays(read_arrays(folder), section["null"])
        show(feature_table(found, section["statistic"]))


def _show_features(run: TaskRun, found: "Findings") -> None:
    """The columns of a table, printed and drawn."""
    from nullfit.charts.printed import save
    from nullfit.results.formats import csv_text
    from nullfit.system.files import write_text
    from nullfit.tasks.permutation.feature_table import feature_table, feature_values
    from nullfit.tasks.permutation.figures import features
    from nullfit.tasks.permutation.section import note_of

    statistic = run.result["permutation_test"]["statistic"]
    show(feature_table(found, statistic))
    figure = features(found, statistic, note_of(run))
    path = run.folder / "features.csv"
    write_text(path, csv_text(feature_values(found)))
    name_files([path, *save(figure, run.folder / "features")])


def _draw(record: "TaskRecord", name: str, statistic: str, found: "Findings") -> None:
    """The figures, as pictures in W&B."""
    if record.wandb_run is None:
        return
    from nullfit.tasks.permutation.section import figures_of

    for kind, figure in figures_of(found, statistic, f"{name}.").items():
        record.figure(f"permutation_test/{kind}", figure)
