"""``task=memorization``: what networks know of samples they were, or were not, trained on."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit.config.schema import RunConfig
from nullfit.config.stacked_training import refuse_unsupported
from nullfit.console.messages import say
from nullfit.errors import UserError
from nullfit.results.result import Result
from nullfit.runs.outcome import begin, complete, data_fields, finished
from nullfit.system.files import at_home
from nullfit.tasks.memorization.settings import MemorizationSettings

if TYPE_CHECKING:
    import numpy as np
    import torch

    from nullfit.data.randomized_data import RandomizedData
    from nullfit.runs.preflight.look import Look
    from nullfit.tasks.memorization.answers import AnswerFiles
    from nullfit.tasks.memorization.trainings import Trainings
    from nullfit.tracking.task_run import TaskRecord

# What is told of the trainings, or how they are carried out, not what they are.
_TOLD = {"trainings", "influence", "compare", "compare_order", "rankings", "max_group"}


def memorization(config: RunConfig, folder: Path, *, memorization: MemorizationSettings) -> Result:
    """Train networks on random subsets, and write what each training sample means to them.

    Every group of networks is kept once it is trained: an interrupted set goes on, and one of more
    trainings takes over what runs beside it have.

    Raises:
        UserError: a setting that has no place here, or a training diverges.
    """
    refuse_unsupported(config)
    if (before := finished(config, folder)) is not None:
        return before
    from nullfit import assembly
    from nullfit.console.progress import Progress
    from nullfit.tasks.memorization.account import beforehand, ending
    from nullfit.tasks.memorization.findings import find
    from nullfit.tasks.memorization.trainings import answers_of
    from nullfit.tracking.task_run import task_run
    from nullfit.training.device import chosen_device, device_name
    from nullfit.training.execution import on_threads

    device = chosen_device(config.trainer)
    data = assembly.randomized_data(config)
    published = _published(memorization, data)
    rankings = _rankings(memorization, data)
    trainings = _trainings(config, memorization, data, device)
    files = _files(config, folder, data)
    kept = files.read(memorization.trainings)
    say(beforehand(config.job, memorization, data, trainings, kept))
    begin(config, folder)
    with (
        task_run(config, folder) as record,
        on_threads(_threads(config, trainings), config.trainer),
    ):
        with Progress(config.job, 1.0, shown=config.trainer.progress) as progress:
            answers = answers_of(trainings, memorization.trainings, kept, files, progress, device)
        found = find(answers, memorization, data, published, rankings)
        fields = {
            "model": {"name": config.model.name, "parameters": trainings.parameters},
            **data_fields(config, data),
            "metrics": found.metrics,
            "memorization": {"batches": trainings.batches, **found.fields},
            "wall_seconds": round(float(answers.seconds.sum()), 3),
            "device": device_name(device),
        }
        say(ending(config.job, fields))
        found.write_samples(folder, data.train)
        _draw(record, config.job, found.arrays)
        return complete(config, folder, fields, found.arrays, record)


def refuse_beforehand(
    config: RunConfig, look: "Look", *, memorization: MemorizationSettings
) -> None:
    """What `memorization` refuses at its start, but for files of trainings that are damaged.

    Raises:
        UserError: as `memorization`.
    """
    from nullfit.results.samples import read_samples
    from nullfit.tasks.memorization.published import read_c_scores
    from nullfit.tasks.memorization.subsets import Subsets

    refuse_unsupported(config)
    look.device(config)
    sample = look.sample(config)
    look.network(config, sample.data.input_shape, len(sample.data.classes))
    subsets = Subsets(sample.train, memorization.shares, config.seed)
    for share in memorization.shares:
        subsets.size(share)
    if memorization.compare is not None:
        path, order = memorization.compare, memorization.compare_order
        look.file(lambda: read_c_scores(path, order), "c_scores", path, order)
    if memorization.rankings is not None:
        run = Path(at_home(memorization.rankings))
        look.file(lambda: read_samples(run), "rankings", run)


def _published(settings: MemorizationSettings, data: "RandomizedData") -> Any:
    """The published C-scores of the training samples, if a file of them is given."""
    from nullfit.tasks.memorization.published import at_places, read_c_scores

    if settings.compare is None:
        return None
    return at_places(read_c_scores(settings.compare, settings.compare_order), data.train.indices)


def _rankings(settings: MemorizationSettings, data: "RandomizedData") -> "dict[str, np.ndarray]":
    """The scores that another run gave the training samples.

    Raises:
        UserError: it gave none, or not to all of them.
    """
    from nullfit.results.samples import read_samples

    if settings.rankings is None:
        return {}
    samples = read_samples(Path(at_home(settings.rankings)))
    return samples.scores_at(data.train.indices, "memorization.rankings")


def _trainings(
    config: RunConfig,
    settings: MemorizationSettings,
    data: "RandomizedData",
    device: "torch.device",
) -> "Trainings":
    from nullfit import assembly
    from nullfit.fused.limits import group_size, reason_not_to_stack
    from nullfit.fused.stack_training import Hyperparameters
    from nullfit.models.build import parameter_count
    from nullfit.tasks.memorization.subset_batches import share_batches
    from nullfit.tasks.memorization.subsets import BLOCK, Subsets
    from nullfit.tasks.memorization.trainings import Trainings

    classes, batch = len(data.classes), config.data.batch_size
    first = assembly.network(config, data.input_shape, classes, 0)
    if (reason := reason_not_to_stack(first, data.input_shape)) is not None:
        raise UserError(f"model={config.model.name}: {reason}. Choose another model.")
    most = group_size(assembly.training(config, first.to(device), data))
    return Trainings(
        data,
        lambda number: assembly.network(config, data.input_shape, classes, number),
        Subsets(len(data.train), settings.shares, config.seed),
        Hyperparameters(
            assembly.optimizer(config),
            assembly.schedule(config),
            0,
            batch,
            config.seed_of("order"),
        ),
        share_batches(settings.batches, first, config.model.name),
        min(BLOCK, most if settings.max_group is None else settings.max_group),
        lambda size: config.trainer.epochs(size, batch),
        parameter_count(first),
    )


def _files(config: RunConfig, folder: Path, data: "RandomizedData") -> "AnswerFiles":
    from nullfit.config.identity import config_hash
    from nullfit.tasks.memorization.answers import AnswerFiles

    plain = config.plain()
    section = {k: v for k, v in plain["memorization"].items() if k not in _TOLD}
    digest = config_hash({**plain, "memorization": section})
    return AnswerFiles(folder, digest, len(data.train), len(data.test))


def _threads(config: RunConfig, trainings: "Trainings") -> int:
    from nullfit import assembly
    from nullfit.training.execution import threads_for

    data = trainings.data
    network = assembly.network(config, data.input_shape, len(data.classes))
    samples = trainings.group * config.data.batch_size
    return threads_for(network, data.input_shape, samples, config.trainer)


def _draw(record: "TaskRecord", job: str, arrays: "dict[str, np.ndarray]") -> None:
    """The figure, as a picture in W&B."""
    if record.wandb_run is None:
        return
    from nullfit.tasks.memorization.figures import memorized

    record.figure("memorization/scores", memorized(arrays, f"{job}."))
