"""``task=train``: the randomization test's one run."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit.config.schema import RunConfig
from nullfit.console.messages import say
from nullfit.models.build import parameter_count
from nullfit.results.formats import percent
from nullfit.results.grouping import label_of
from nullfit.results.result import Result
from nullfit.results.study import Run
from nullfit.runs.conclusion import conclude
from nullfit.runs.outcome import begin, finished
from nullfit.runs.probes import probes_of
from nullfit.runs.training import initial_network, prepare, refuse_too_few
from nullfit.system.first_process import is_first
from nullfit.training.device import check_device
from nullfit.training.fitting import fit
from nullfit.training.loggers import tracking
from nullfit.training.start import frozen_count
from nullfit.training.training import Training

if TYPE_CHECKING:
    from nullfit.data.randomized_data import RandomizedData
    from nullfit.runs.preflight.look import Look


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
    say(_beginning(training, config))
    begin(config, folder)
    with tracking(config, folder) as tracked:
        tracked.data(training.data)
        if training.resume is not None:
            tracked.goes_on(training.resume["recorder"]["rows"])
        outcome = fit(training, tracked.loggers, tracked.callbacks)
        return conclude(config, folder, training, outcome, tracked)


def refuse_beforehand(config: RunConfig, look: "Look") -> None:
    """What `train` refuses at its start, found without preparing all data or making weights.

    Raises:
        UserError: as `prepare`, or the device asked for is not there.
    """
    look.device(config)
    probes = probes_of(config)
    sample = look.sample(config)
    refuse_too_few(config, sample.train)
    for probe in probes:
        probe.refuse(sample.data.train, sample.train)
    look.network(config, sample.data.input_shape, len(sample.data.classes))
    if config.start.run is not None or config.freeze is not None:
        shape, classes = sample.data.input_shape, len(sample.data.classes)

        def fits() -> None:
            initial_network(config, shape, classes)

        look.file(fits, "start", config.plain())


def _beginning(training: Training, config: RunConfig) -> str:
    resume, data = training.resume, training.data
    start = f"going on after {_passed(resume)}, " if resume else ""
    frozen = frozen_count(training.network)
    stays = f" and {frozen:,} frozen ones" if frozen else ""
    left_out = f" ({data.left_out:,} left out)" if data.left_out else ""
    account = "" if data.account is None else f"{data.account}\n"
    return (
        f"{account}{training.title}: {start}{parameter_count(training.network):,} "
        f"parameters{stays}, "
        f"{len(data.train):,} training images of {data.size}{left_out}{_noise(config, data)}, "
        f"at most {training.epochs:,} epochs, {training.execution}"
    )


def _noise(config: RunConfig, data: "RandomizedData") -> str:
    """How many labels differ from the true ones, beside the level that was asked for."""
    if not data.labels_changed:
        return ""
    corruption = config.corruption
    asked = label_of(corruption.name, corruption.settings)
    return f", {percent(data.labels_changed)}% of their labels changed ({asked})"


def _passed(checkpoint: dict[str, Any]) -> str:
    epochs, epoch = checkpoint["recorder"]["epochs"], checkpoint["epoch"]
    return f"epoch {epochs}" + (f" and {epoch['batches']} steps" if epoch else "")
