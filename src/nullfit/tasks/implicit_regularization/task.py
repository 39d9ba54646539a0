"""``task=implicit_regularization``: SGD beside the solution of least norm."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Interval

from nullfit.config.schema import RunConfig
from nullfit.config.untrained import refuse_meaningless
from nullfit.console.messages import say
from nullfit.features.settings import FeatureSettings
from nullfit.ranges import NonNegative, PositiveInt
from nullfit.results.formats import percent
from nullfit.results.result import Result
from nullfit.runs.outcome import begin, complete, data_fields, finished

if TYPE_CHECKING:
    import torch

    from nullfit.data.randomized_data import RandomizedData
    from nullfit.runs.preflight.look import Look
    from nullfit.tasks.implicit_regularization.descent import Descent
    from nullfit.tasks.implicit_regularization.linear_problem import LinearProblem
    from nullfit.tasks.implicit_regularization.trajectory import Report, Trajectory


class ImplicitRegularizationSettings(FeatureSettings):
    """The descent, and the features that the problem is linear in."""

    steps: PositiveInt
    rate: Annotated[float, Interval(gt=0, lt=2)]
    tolerance: Annotated[float, Interval(gt=0, lt=1)]
    start: NonNegative


def implicit_regularization(
    config: RunConfig, folder: Path, *, implicit_regularization: ImplicitRegularizationSettings
) -> Result:
    """Descend from zero, and from a random start, and measure how far the closed form is.

    Raises:
        UserError: a setting that means nothing here, or a problem that is not over-parameterized.
    """
    settings = implicit_regularization
    refuse_meaningless(config)
    if (before := finished(config, folder)) is not None:
        return before
    from nullfit import assembly
    from nullfit.console.progress import Progress
    from nullfit.tasks.implicit_regularization.descent import Descent
    from nullfit.tracking.task_run import task_run
    from nullfit.training.device import chosen_device, device_name

    device = chosen_device(config.trainer)
    data = assembly.randomized_data(config)
    problem, test = _problem(config, settings, data, device)
    batch = config.data.batch_size
    rate = settings.rate / problem.curvature(batch)
    descent = Descent(rate, batch, settings.steps, config.seed)
    expected = problem.expected_steps(settings.rate, batch, settings.tolerance)
    say(_beginning(config, problem, descent, expected))
    begin(config, folder)
    with task_run(config, folder) as record:
        start = time.monotonic()
        likely = round(min(expected, settings.steps))
        shown = config.trainer.progress
        with Progress(config.job, likely, shown=shown, at_most=True) as progress:
            progress.at(0)

            def report(row: dict[str, float], step: int) -> None:
                record.log(row, step)
                progress.at(min(step, likely))

            labels = data.test.labels.to(device)
            path = _descend(problem, descent, settings, test, labels, report)
        seconds = time.monotonic() - start
        say(_ending(config, problem, path, seconds))
        about = {**settings.described(), **_about(problem, descent, path, expected)}
        fields = {
            **data_fields(config, data),
            "metrics": _metrics(problem, path),
            "implicit_regularization": about,
            "steps": int(path.last["step"]),
            "wall_seconds": round(seconds, 3),
            "device": device_name(device),
        }
        arrays = {name.replace("/", "_"): values for name, values in path.columns.items()}
        return complete(config, folder, fields, arrays, record)


def refuse_beforehand(
    config: RunConfig,
    look: "Look",
    *,
    implicit_regularization: ImplicitRegularizationSettings,
) -> None:
    """What `implicit_regularization` refuses at its start, but for features that are dependent.

    Raises:
        UserError: as `implicit_regularization`.
    """
    from nullfit.tasks.implicit_regularization.linear_problem import LinearProblem

    refuse_meaningless(config)
    look.device(config)
    sample = look.sample(config)
    features = implicit_regularization.fit(sample.data.train.images, config.seed)
    LinearProblem.refuse(sample.train, features.dimensions)


def _problem(
    config: RunConfig,
    settings: ImplicitRegularizationSettings,
    data: "RandomizedData",
    device: "torch.device",
) -> "tuple[LinearProblem, torch.Tensor]":
    """The problem in double precision, and the test samples' features."""
    import torch

    from nullfit.tasks.implicit_regularization.linear_problem import LinearProblem

    images, labels = data.train.images, data.train.labels
    features = settings.fit(images, config.seed)
    targets = torch.nn.functional.one_hot(labels, len(data.classes)).double()
    LinearProblem.refuse(len(images), features.dimensions)
    problem = LinearProblem.of(features.whole(images, device).double(), targets.to(device))
    return problem, features.whole(data.test.images, device)


def _descend(
    problem: "LinearProblem",
    descent: "Descent",
    settings: ImplicitRegularizationSettings,
    test: "torch.Tensor",
    test_labels: "torch.Tensor",
    report: "Report",
) -> "Trajectory":
    from nullfit.tasks.implicit_regularization.starts import random_start, side_by_side
    from nullfit.tasks.implicit_regularization.trajectory import Trajectory

    other = random_start(problem, settings.start, descent.seed) if settings.start else None
    outside = None if other is None else problem.outside(other)
    path = Trajectory(problem, test, test_labels, settings.tolerance, outside, report)
    descent.run(problem, side_by_side(problem, other), path.watch)
    return path


def _metrics(problem: "LinearProblem", path: "Trajectory") -> dict[str, float]:
    """The last row, with norms as they are instead of relative ones, and the closed form's own."""
    last = path.last
    least = float(problem.minimum_norm.norm())
    metrics = {
        "distance": last["distance"],
        "minimum_norm": least,
        "solution_norm": last["norm"] * least,
        "test/error": last["test/error"],
        "test/error_minimum_norm": path.test_error(problem.minimum_norm),
    }
    if path.outside is not None:
        metrics |= {name: value for name, value in last.items() if name.startswith("start/")}
        metrics["start/norm"] *= least
        metrics["start/unseen"] = float(path.outside.norm()) / least
    return metrics


def _about(
    problem: "LinearProblem", descent: "Descent", path: "Trajectory", expected: float
) -> dict[str, Any]:
    return {
        "dimensions": problem.features.shape[1],
        "learning_rate": descent.learning_rate,
        "curvature": problem.curvature(descent.batch_size),
        "largest_singular_value": float(problem.spectrum[0]),
        "smallest_singular_value": float(problem.spectrum[-1]),
        "expected_steps": round(expected),
        "tolerance": path.tolerance,
        "converged": path.arrived,
    }


def _beginning(
    config: RunConfig, problem: "LinearProblem", descent: "Descent", expected: float
) -> str:
    samples, dimensions = problem.features.shape
    return (
        f"{config.job}: {samples:,} samples, {dimensions:,} features; singular values from "
        f"{problem.spectrum[0]:.3g} to {problem.spectrum[-1]:.3g}\n"
        f"  learning rate {descent.learning_rate:.3g}; at most {descent.steps:,} steps, and "
        f"{expected:,.0f} are the most expected to be needed"
    )


def _ending(config: RunConfig, problem: "LinearProblem", path: "Trajectory", seconds: float) -> str:
    steps = f"{path.last['step']:,.0f} steps"
    reached = f"converged after {steps}" if path.arrived else f"not converged in {steps}"
    metrics = _metrics(problem, path)
    return (
        f"{config.job}: {reached}: distance {metrics['distance']:.2e} of the least norm "
        f"{metrics['minimum_norm']:.4g} (tolerance {path.tolerance:g}), test error "
        f"{percent(metrics['test/error'], 2)}%, "
        f"closed form {percent(metrics['test/error_minimum_norm'], 2)}%, "
        f"{seconds:.1f} s"
    )
