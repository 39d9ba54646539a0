"""``task=kernel``: exact interpolation of labels with a kernel."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from nullfit.config.schema import RunConfig
from nullfit.config.untrained import refuse_meaningless
from nullfit.console.messages import say
from nullfit.errors import UserError
from nullfit.features.settings import FeatureSettings
from nullfit.ranges import NonNegative, Positive, PositiveInt
from nullfit.results.result import Result
from nullfit.runs.outcome import begin, complete, data_fields, finished

if TYPE_CHECKING:
    import torch
    from jaxtyping import Float32
    from torch import Tensor

    from nullfit.data.randomized_data import RandomizedData
    from nullfit.features.features import Features
    from nullfit.runs.preflight.look import Look
    from nullfit.runs.preflight.sample import Sample
    from nullfit.tasks.kernel.problem import KernelProblem


class KernelSettings(FeatureSettings):
    """The kernel, its penalty, and the features that it is taken of.

    ``random_fourier`` features stand for the kernel itself: what is solved is linear in them.
    """

    name: Literal["gaussian", "laplacian", "linear"]
    gamma: Positive | None
    ridge: NonNegative
    features: Literal["raw", "gabor", "random_conv", "random_fourier"]  # type: ignore[assignment]
    count: PositiveInt | None

    @property
    def needs_distinct_images(self) -> bool:
        """Whether images that are equal make the matrix singular."""
        return not self.ridge and self.solved_name != "linear"

    @property
    def solved_name(self) -> str:
        """The kernel of the equations that are solved."""
        return "linear" if self.features == "random_fourier" else self.name

    def fit(self, train_images: "Float32[Tensor, 'n c h w']", seed: int) -> "Features":
        """The chosen features; those of random_fourier follow from the kernel, count and seed.

        Raises:
            UserError: as of the other features, random_fourier of a linear kernel, or a count of
                waves where there are none.
        """
        if self.features != "random_fourier":
            if self.count is not None:
                raise UserError(
                    f"kernel.count={self.count} is the number of random waves, and "
                    f"kernel.features={self.features} has none.\nAdd "
                    "kernel.features=random_fourier, or leave the count out."
                )
            return super().fit(train_images, seed)
        if self.name == "linear":
            raise UserError(
                "kernel.features=random_fourier are those of a kernel, and kernel.name=linear has "
                "none. Use kernel.name=gaussian or kernel.name=laplacian."
            )
        if self.count is None:
            raise UserError(
                "kernel.features=random_fourier needs kernel.count, the number of waves: "
                "kernel.count=1000, say. The test error is largest at as many as training samples."
            )
        from nullfit.features.random_fourier import RandomFourier
        from nullfit.tasks.kernel.kernel_function import default_gamma, few_of

        return RandomFourier.make(
            train_images.shape[1:].numel(),
            seed,
            spectrum=self.name,
            gamma=self.gamma or default_gamma(self.name, few_of(train_images).flatten(1)),
            count=self.count,
        )

    def described(self) -> dict[str, object]:
        """The chosen features and the settings that matter for them."""
        if self.features == "random_fourier":
            return {"features": self.features, "count": self.count}
        return super().described()


def kernel(config: RunConfig, folder: Path, *, kernel: KernelSettings) -> Result:
    """Solve (K + λI)A = Y for the one-hot training labels, and predict by the largest entry.

    What memory does not allow is refused before it starts.

    Raises:
        UserError: a setting that means nothing here, too little memory, or a singular matrix.
    """
    refuse_meaningless(config)
    if (before := finished(config, folder)) is not None:
        return before
    from nullfit import assembly
    from nullfit.console.progress import Progress
    from nullfit.tasks.kernel.account import afterwards, beforehand, details
    from nullfit.tasks.kernel.interpolation import interpolate
    from nullfit.tasks.kernel.predictions import Predictions
    from nullfit.tasks.kernel.refusals import explained
    from nullfit.tasks.kernel.stages import Stages
    from nullfit.training.device import chosen_device, device_name

    device = chosen_device(config.trainer)
    data = assembly.randomized_data(config)
    problem = _problem(config, kernel, data, device)
    say(f"{config.job}: {beforehand(problem, kernel.name, kernel.features)}")
    begin(config, folder)
    with (
        explained(problem, kernel.features),
        Progress(config.job, problem.need.work.total, shown=config.trainer.progress) as progress,
    ):
        stages = Stages(progress)
        found = interpolate(problem, stages)
    predictions = Predictions.of(data, found)
    metrics = {**predictions.errors(), "solution_norm": found.norm}
    seconds = sum(stages.spent.values())
    say(f"{config.job}: {afterwards(metrics, found, seconds)}")
    chosen = {"name": kernel.name, "ridge": kernel.ridge, **kernel.described()}
    fields = {
        **data_fields(config, data),
        "metrics": metrics,
        "kernel": {**chosen, **details(problem, found, stages.spent)},
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
    from nullfit.tasks.kernel.refusals import refuse_duplicates
    from nullfit.training.device import device_of

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
    from nullfit.tasks.kernel.kernel_function import make_kernel
    from nullfit.tasks.kernel.problem import need_of
    from nullfit.tasks.kernel.refusals import refuse_too_large

    images, classes = sample.data.train.images, len(sample.data.classes)
    features = kernel.fit(images, config.seed)
    chosen = make_kernel(kernel.solved_name, kernel.gamma or 1.0, images.flatten(1))
    need = need_of(
        chosen,
        features,
        sample.train,
        sample.held_out,
        classes,
        _dtype(config),
        device,
        kernel.ridge,
    )
    refuse_too_large(need, device)


def _problem(
    config: RunConfig, kernel: KernelSettings, data: "RandomizedData", device: "torch.device"
) -> "KernelProblem":
    """The problem with its costs, refused if it has no solution or does not fit."""
    import torch

    from nullfit.tasks.kernel.predictions import held_out
    from nullfit.tasks.kernel.problem import KernelProblem
    from nullfit.tasks.kernel.refusals import refuse_duplicates, refuse_too_large

    train = data.train
    if kernel.needs_distinct_images:
        refuse_duplicates(train.images)
    problem = KernelProblem.planned(
        kernel.solved_name,
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
