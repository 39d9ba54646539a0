"""What is said of a problem before it is solved, and of its solution after."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import torch

from nullfit.console.messages import number_of
from nullfit.results.formats import percent
from nullfit.system.memory import available_memory, peak_memory
from nullfit.tasks.kernel.interpolation import Interpolant
from nullfit.tasks.kernel.problem import KernelProblem
from nullfit.tasks.kernel.refusals import gib

_MINUTE = 60


def beforehand(problem: KernelProblem, name: str, features: str) -> str:
    """The equations, and the memory that they take."""
    need = problem.need
    gamma = gamma_of(problem)
    unknowns = need.samples if need.form in ("held", "accumulated") else need.dimensions
    what = "unknowns" if need.form == "orthogonal" else "equations"
    free = available_memory(problem.device)
    on = (
        "the GPU" if problem.device.type == "cuda" else number_of(torch.get_num_threads(), "thread")
    )
    return (
        f"{name if gamma is None else f'{name} γ={gamma:.4g}'} on {need.dimensions:,} {features} "
        f"features, {unknowns:,} {what}\n"
        f"  on {on}; {gib(need.bytes)} of memory"
        + (f", {gib(free)} are free" if free is not None else "")
    )


def afterwards(metrics: Mapping[str, float], found: Interpolant, seconds: float) -> str:
    """Errors, norm and time; and that it is no interpolant where that is so."""
    summary = (
        f"train error {percent(metrics['train/error'], 2)}%, "
        f"test error {percent(metrics['test/error'], 2)}%, "
        f"norm {found.norm:.4g}, {duration(seconds)}"
    )
    if found.rank is None or found.rank >= len(found.train):
        return summary
    return (
        f"{summary}; the features have rank {found.rank:,}, too little for an interpolant: this is "
        "the least-squares solution of least norm"
    )


def details(
    problem: KernelProblem, found: Interpolant, spent: Mapping[str, float]
) -> dict[str, Any]:
    """How the problem was solved, as plain values for the result."""
    return {
        "gamma": gamma_of(problem),
        "dimensions": problem.need.dimensions,
        "form": problem.need.form,
        "precision": str(problem.dtype).removeprefix("torch."),
        "residual": found.residual,
        "refinements": found.refinements,
        "rank": found.rank,
        "estimated_bytes": problem.need.bytes,
        "peak_bytes": peak_memory(problem.device),
        "seconds": {stage: round(seconds, 1) for stage, seconds in spent.items()},
    }


def gamma_of(problem: KernelProblem) -> float | None:
    """The γ of the kernel, or of the features that stand for one, if there is one."""
    gamma: float | None = getattr(problem.kernel, "gamma", None)
    of_features: float | None = getattr(problem.features, "gamma", None)
    return of_features if gamma is None else gamma


def duration(seconds: float) -> str:
    """Seconds, and from a minute on hours, minutes and seconds."""
    return f"{seconds:.1f} s" if seconds < _MINUTE else str(timedelta(seconds=round(seconds)))
