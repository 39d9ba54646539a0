"""``task=pac_bayes``: what bounds the error of a trained network with noise on its weights."""

from pathlib import Path
from typing import TYPE_CHECKING

from nullfit.config.identity import config_hash
from nullfit.config.schema import RunConfig
from nullfit.console.messages import say
from nullfit.errors import UserError
from nullfit.results.formats import percent
from nullfit.results.result import Result
from nullfit.runs.outcome import begin, complete, data_fields, finished
from nullfit.tasks.pac_bayes.settings import PacBayesSettings

if TYPE_CHECKING:
    from nullfit.runs.preflight.look import Look
    from nullfit.tasks.pac_bayes.found import Found

KEY = "pac_bayes.run"


def pac_bayes(config: RunConfig, folder: Path, *, pac_bayes: PacBayesSettings) -> Result:
    """Fit a Gaussian around the weights of a run, and bound the error of networks drawn from it.

    After Dziugaite & Roy 2017 (arXiv 1703.11008). An interrupted fit goes on where it was.

    Raises:
        UserError: there is no such run, its settings are not those of the command, or its network
            or data know the training samples by something else than the weights.
    """
    import time

    from nullfit.runs.source_run import (
        finished_run,
        refuse_other_accuracy,
        refuse_other_samples,
        refuse_other_settings,
    )

    _refuse(config, pac_bayes)
    run, training = finished_run(KEY, pac_bayes.run)
    refuse_other_settings(config, KEY, run)
    _refuse_other_start(training)
    if (before := finished(config, folder)) is not None:
        return before
    from nullfit import assembly
    from nullfit.models.build import parameter_count
    from nullfit.runs.task_checkpoint import TaskCheckpoint
    from nullfit.tasks.pac_bayes.fitting import Fitted
    from nullfit.tasks.pac_bayes.found import find
    from nullfit.tasks.pac_bayes.trained import accuracies, trained_network
    from nullfit.tracking.task_run import task_run
    from nullfit.training.device import chosen_device, device_name

    device = chosen_device(config.trainer)
    data = assembly.randomized_data(config)
    refuse_other_samples(training, KEY, len(data.train))
    network, start = trained_network(config, data, KEY, run, device)
    metrics = accuracies(network, data)
    refuse_other_accuracy(training, KEY, metrics["train/accuracy"])
    say(
        f"{config.job}: {parameter_count(network):,} weights, {len(data.train):,} training images, "
        f"{pac_bayes.epochs} epochs, {pac_bayes.samples:,} draws"
    )
    begin(config, folder)
    began = time.perf_counter()
    digest, seconds = config_hash(config.plain()), config.trainer.checkpoint_seconds
    checkpoint = TaskCheckpoint(Fitted, folder, "fit.ckpt", digest, seconds)
    with task_run(config, folder) as record:
        found = find(config, pac_bayes, network, start, data, checkpoint)
        fields = {
            "model": {"name": config.model.name, "parameters": parameter_count(network)},
            **data_fields(config, data),
            "metrics": {**metrics, "pac_bayes_bound": found.bound.value},
            "pac_bayes": {
                "run": str(run),
                "command": training.get("command"),
                **found.fields,
            },
            "wall_seconds": round(time.perf_counter() - began, 3),
            "device": device_name(device),
        }
        say(_ending(config.job, found))
        result = complete(config, folder, fields, found.arrays, record)
        checkpoint.discard()
        return result


def refuse_beforehand(config: RunConfig, look: "Look", *, pac_bayes: PacBayesSettings) -> None:
    """What `pac_bayes` refuses at its start, but for weights that do not fit.

    Raises:
        UserError: as `pac_bayes`.
    """
    from nullfit.runs.source_run import finished_run, refuse_other_samples, refuse_other_settings

    _refuse(config, pac_bayes)
    run, training = look.file(lambda: finished_run(KEY, pac_bayes.run), "run", pac_bayes.run)
    look.file(lambda: refuse_other_settings(config, KEY, run), config.job)
    _refuse_other_start(training)
    look.device(config)
    sample = look.sample(config)
    look.network(config, sample.data.input_shape, len(sample.data.classes))
    refuse_other_samples(training, KEY, sample.train)


def _refuse(config: RunConfig, pac_bayes: PacBayesSettings) -> None:
    """What makes the theorem's training samples others than independent ones.

    Raises:
        UserError: it is so.
    """
    from nullfit.runs.source_run import refuse_fresh_labels

    refuse_fresh_labels(config)
    task = "task=pac_bayes is impossible with"
    if config.data.leave_out is not None:
        raise UserError(
            f"{task} data.leave_out: its bound is of samples that nobody picked. Choose a run of "
            "data.leave_out=null."
        )
    moments = {
        "data.whitening=per_channel": config.data.whitening == "per_channel",
        "data=table": config.data.name == "table",
    }
    for setting, is_so in moments.items():
        if is_so:
            raise UserError(
                f"{task} {setting}, whose inputs are scaled by moments of the training set: the "
                "bound is of the weights alone. Choose another run, e.g. of "
                "data.whitening=per_image."
            )
    if pac_bayes.delta + pac_bayes.monte_carlo_delta >= 1:
        raise UserError(
            f"pac_bayes.delta={pac_bayes.delta} and pac_bayes.monte_carlo_delta="
            f"{pac_bayes.monte_carlo_delta} leave no confidence: their sum must be below 1."
        )


def _refuse_other_start(training: Result) -> None:
    start = training.get("start", {}).get("run")
    if start is not None:
        raise UserError(
            f"{KEY}: the run began with weights of another one ({start}), which may know the "
            "training samples, so that they are no prior. Choose a run with start=null."
        )


def _ending(job: str, found: "Found") -> str:
    bound, fields = found.bound, found.fields
    verdict = (
        f"at most {percent(bound.value)}%"
        if bound.says_something
        else f"at most {percent(bound.value)}%, which says nothing,"
    )
    return (
        f"{job}: error of the stochastic network {percent(bound.empirical_error)}% on the training "
        f"set (at most {percent(bound.empirical_bound)}% by {fields['samples']:,} draws), "
        f"{percent(fields['test_error'])}% on the test set\n"
        f"  PAC-Bayes: {verdict} on unseen samples, "
        f"with probability {percent(fields['confidence'])}%; "
        f"always naming the largest class is wrong on {percent(bound.chance)}%"
    )
