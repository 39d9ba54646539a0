"""What is said of a problem before it is solved, and of its solution after."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import torch

from nullfit.results.formats import percent
from nullfit.system.memory import available_memory, peak_memory
from nullfit.tasks.kernel.interpolation import Interpolant
from nullfit.tasks.kernel.problem import KernelProblem
from nullfit.tasks.kernel.refusals import gib

_MINUTE = 60


def beforehand(problem: KernelProblem, features: str) -> str:
    """The equations, and the memory that they take."""
    need = problem.need
    name, gamma = type(problem.kernel).__name__.lower(), gamma_of(problem)
    unknowns = need.dimensions if need.form == "primal" else need.samples
    free = available_memory(problem.device)
    on = "the GPU" if problem.device.type == "cuda" else f"{torch.get_num_threads()} threads"
    return (
        f"{name if gamma is None else f'{name} γ={gamma:.4g}'} on {need.dimensions:,} {features} "
        f"features, {unknowns:,} equations\n"
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
    if found.rank is None:
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
    """The kernel's γ, if it has one."""
    gamma: float | None = getattr(problem.kernel, "gamma", None)
    return gamma


def duration(seconds: float) -> str:
    """Seconds, and from a minute on hours, minutes and seconds."""
    return f"{seconds:.1f} s" if seconds < _MINUTE else str(timedelta(seconds=round(seconds)))
