"""``task=permutation_test``: which inputs a network uses, and which it would use by chance."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit.config.identity import config_hash
from nullfit.config.schema import RunConfig
from nullfit.config.stacked_training import refuse_unsupported
from nullfit.console.messages import say
from nullfit.results.result import Result
from nullfit.results.task_run import TaskRun
from nullfit.runs.outcome import begin, complete, finished
from nullfit.tasks.permutation.account import (
    say_beginning,
    say_ending,
    show_columns,
    warnings_of,
    write_columns,
)
from nullfit.tasks.permutation.guidance import guidance
from nullfit.tasks.permutation.settings import PermutationTestSettings

if TYPE_CHECKING:
    from nullfit.runs.preflight.look import Look
    from nullfit.tasks.permutation.checkpoint import Checkpoint
    from nullfit.tasks.permutation.inference import Outcome
    from nullfit.tasks.permutation.subject import Subject
    from nullfit.tracking.task_run import TaskRecord


def permutation_test(
    config: RunConfig, folder: Path, *, permutation_test: PermutationTestSettings
) -> Result:
    """Test every input, or patch of inputs, and write statistics and p-values to arrays.npz.

    An interrupted test goes on after the last group of networks that was saved.

    Raises:
        UserError: a setting does not suit the data or the task, or a training diverges.
    """
    if (before := finished(config, folder)) is not None:
        say_ending(config.job, before)
        if config.data.name == "table":
            show_columns(folder, before["permutation_test"])
        return before

    from nullfit.tasks.permutation.checkpoint import Checkpoint
    from nullfit.tasks.permutation.load_subject import load_subject
    from nullfit.tracking.task_run import task_run
    from nullfit.training.device import chosen_device, device_name, device_of

    refuse_unsupported(config)
    chosen_device(config.trainer)
    subject = load_subject(config, permutation_test)
    problem = subject.problem
    epochs = config.trainer.epochs(len(problem), config.data.batch_size)
    if subject.account is not None:
        say(subject.account)
    say_beginning(config.job, permutation_test, len(problem), len(problem.features), epochs)
    begin(config, folder)
    checkpoint = Checkpoint(folder, config_hash(config.plain()), config.trainer.checkpoint_seconds)
    with task_run(config, folder) as record:
        start = time.perf_counter()
        outcome = _test(config, permutation_test, subject, epochs, checkpoint)
        seconds = time.perf_counter() - start
        section = _section(permutation_test, subject, outcome)
        fields = {
            **_fields(config, subject, outcome),
            "epochs": epochs,
            "permutation_test": section,
            "wall_seconds": round(seconds, 3),
            "device": device_name(device_of(config.trainer)),
        }
        say_ending(config.job, fields)
        arrays = _arrays(subject, outcome)
        _draw(record, config.job, section, arrays)
        result = complete(config, folder, fields, arrays, record)
        if config.data.name == "table":
            show_columns(folder, section)
            write_columns(TaskRun(folder, result, config.plain()))
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

    refuse_unsupported(config)
    look.device(config)
    refuse_subject(config, permutation_test, look)


def _test(
    config: RunConfig,
    settings: PermutationTestSettings,
    subject: "Subject",
    epochs: int,
    checkpoint: "Checkpoint",
) -> "Outcome":
    from nullfit import assembly
    from nullfit.console.progress import Progress
    from nullfit.fused.stack_training import Hyperparameters
    from nullfit.seeds import derive
    from nullfit.tasks.permutation.inference import permutation_test
    from nullfit.training.device import device_of

    training = Hyperparameters(
        assembly.optimizer(config),
        assembly.schedule(config),
        epochs,
        config.data.batch_size,
        config.seed_of("order"),
    )
    with Progress(config.job, 1.0, shown=config.trainer.progress) as progress:
        return permutation_test(
            subject.problem,
            subject.network,
            training,
            settings,
            seed=derive(config.seed, "permutation_test"),
            checkpoint=checkpoint,
            progress=progress,
            device=device_of(config.trainer),
        )


def _section(settings: PermutationTestSettings, subject: "Subject", outcome: "Outcome") -> Result:
    features = len(subject.problem.features)
    return {
        "statistic": settings.statistic_used,
        "null": settings.null_used,
        "kind": settings.kind,
        "tests": guidance(settings.statistic_used, settings.null_used).tests,
        "replicates": settings.replicates,
        "trainings": outcome.trainings,
        "samples": min(settings.samples or len(subject.problem), len(subject.problem)),
        "features": features,
        "significant": outcome.significant(),
        "same_inputs": [list(names) for names in subject.same_inputs],
        "warnings": warnings_of(settings, features),
    }


def _fields(config: RunConfig, subject: "Subject", outcome: "Outcome") -> Result:
    from nullfit.models.build import parameter_count

    network = subject.network.cpu()
    network.load_state_dict(outcome.weights)
    return {
        "model": {"name": config.model.name, "parameters": parameter_count(network)},
        **subject.fields,
        "metrics": subject.measure(network),
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


def _draw(record: "TaskRecord", job: str, section: Result, arrays: dict[str, Any]) -> None:
    """The figures, as pictures in W&B."""
    if record.wandb_run is None:
        return
    from nullfit.tasks.permutation.findings import Findings
    from nullfit.tasks.permutation.section import figures_of

    found = Findings.of_arrays(arrays, section["null"])
    for kind, figure in figures_of(found, section["statistic"], f"{job}.").items():
        record.figure(f"permutation_test/{kind}", figure)
