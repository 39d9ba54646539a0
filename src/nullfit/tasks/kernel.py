"""``task=kernel``: exact interpolation of labels with a kernel."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from nullfit.config.schema import RunConfig
from nullfit.console import say
from nullfit.errors import UserError
from nullfit.features.settings import FeatureSettings
from nullfit.ranges import NonNegative, Positive
from nullfit.results.result import Result
from nullfit.tasks.outcome import begin, complete, data_fields, finished

if TYPE_CHECKING:
    import torch

    from nullfit.data.randomized_data import RandomizedData
    from nullfit.kernels.problem import Problem
    from nullfit.preflight.look import Look
    from nullfit.preflight.sample import Sample


class KernelSettings(FeatureSettings):
    """The kernel, its penalty, and the features that it is taken of."""

    name: Literal["gaussian", "laplacian", "linear"]
    gamma: Positive | None
    ridge: NonNegative

    @property
    def needs_distinct_images(self) -> bool:
        """Whether images that are equal make the matrix singular."""
        return not self.ridge and self.name != "linear"


def kernel(config: RunConfig, folder: Path, *, kernel: KernelSettings) -> Result:
    """Solve (K + λI)A = Y for the one-hot training labels, and predict by the largest entry.

    Memory and time are told before it starts, and what memory does not allow is refused.

    Raises:
        UserError: a setting that means nothing here, too little memory, or a singular matrix.
    """
    refuse_meaningless(config)
    if (before := finished(config, folder)) is not None:
        return before
    from nullfit import assembly
    from nullfit.device import chosen_device, device_name
    from nullfit.kernels.account import afterwards, beforehand, details
    from nullfit.kernels.interpolation import interpolate
    from nullfit.kernels.predictions import Predictions
    from nullfit.kernels.refusals import explained
    from nullfit.progress import Stages

    device = chosen_device(config.trainer)
    data = assembly.randomized_data(config)
    problem = _problem(config, kernel, data, device)
    say(f"{config.job}: {beforehand(problem, kernel.features)}")
    begin(config, folder)
    with (
        explained(problem, kernel.features),
        Stages(config.job, problem.seconds.total, shown=config.trainer.progress) as progress,
    ):
        found = interpolate(problem, progress)
    predictions = Predictions.of(data, found)
    metrics = {**predictions.errors(), "solution_norm": found.norm}
    seconds = sum(progress.spent.values())
    say(f"{config.job}: {afterwards(metrics, found, seconds)}")
    chosen = {"name": kernel.name, "ridge": kernel.ridge, **kernel.described()}
    fields = {
        **data_fields(config, data),
        "metrics": metrics,
        "kernel": {**chosen, **details(problem, found, progress.spent)},
        "wall_seconds": round(seconds, 3),
        "device": device_name(device),
    }
    arrays = {name: values.numpy() for name, values in predictions.arrays().items()}
    return complete(config, folder, fields, arrays)


def refuse_beforehand(config: RunConfig, look: "Look", *, kernel: KernelSettings) -> None:
    """What `kernel` refuses at its start: all but a matrix that turns out to be singular.

    Raises:
        UserError: as `kernel`.
    """
    from nullfit import assembly
    from nullfit.device import device_of
    from nullfit.kernels.refusals import refuse_duplicates

    refuse_meaningless(config)
    look.device(config)
    sample = look.sample(config)
    if not look.elsewhere:
        _refuse_too_large(config, kernel, sample, device_of(config.trainer))
    if kernel.needs_distinct_images:  # a corruption may make some, and takes some away
        data = assembly.randomized_data(config, look.dataset(config))
        refuse_duplicates(data.train.images)


def _refuse_too_large(
    config: RunConfig, kernel: KernelSettings, sample: "Sample", device: "torch.device"
) -> None:
    from nullfit.kernels.kernel import make_kernel
    from nullfit.kernels.problem import need_of
    from nullfit.kernels.refusals import refuse_too_large

    images, classes = sample.data.train.images, len(sample.data.classes)
    features = kernel.fit(images, config.seed)
    chosen = make_kernel(kernel.name, kernel.gamma or 1.0, images.flatten(1))
    need = need_of(chosen, features, sample.train, sample.held_out, classes, _dtype(config), device)
    refuse_too_large(need, device)


def refuse_meaningless(config: RunConfig) -> None:
    """Refuse what a network is trained with and an exact solution knows nothing of.

    Raises:
        UserError: a regularizer is on, the corruption is drawn anew each epoch, or the precision is
            one that only training has.
    """
    task = config.task.name
    chosen = [name for name, value in config.regularizer if value is not None]
    if chosen:
        penalty = " The penalty of kernels is kernel.ridge." if task == "kernel" else ""
        raise UserError(f"regularizer={chosen[0]} has no effect on task={task}.{penalty}")
    if config.corruption.fresh:
        raise UserError(
            f"corruption.fresh=true has no effect on task={task}: there are no epochs to draw the "
            "corruption anew in."
        )
    if config.trainer.precision not in ("32-true", "64-true"):
        raise UserError(
            f"trainer.precision={config.trainer.precision} is not allowed for task={task}: use "
            "32-true or 64-true."
        )


def _problem(
    config: RunConfig, kernel: KernelSettings, data: "RandomizedData", device: "torch.device"
) -> "Problem":
    """The problem with its costs, refused if it has no solution or does not fit."""
    import torch

    from nullfit.kernels.predictions import held_out
    from nullfit.kernels.problem import Problem
    from nullfit.kernels.refusals import refuse_duplicates, refuse_too_large

    train = data.train
    if kernel.needs_distinct_images:
        refuse_duplicates(train.images)
    problem = Problem.planned(
        kernel.name,
        kernel.gamma,
        kernel.fit(train.images, config.seed),
        train.images,
        torch.nn.functional.one_hot(train.labels, len(data.classes)).double(),
        [split.images for split in held_out(data).values()],
        ridge=kernel.ridge,
        dtype=_dtype(config),
        device=device,
    )
    refuse_too_large(problem.need, device)
    return problem


def _dtype(config: RunConfig) -> "torch.dtype":
    import torch

    return torch.float64 if config.trainer.precision == "64-true" else torch.float32
