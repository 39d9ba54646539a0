"""What cannot be solved, said with the numbers and with what to do instead."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch
from jaxtyping import Float32
from torch import Tensor

from nullfit.errors import UserError
from nullfit.system.memory import available_memory
from nullfit.tasks.kernel.cholesky import NotPositiveDefiniteError
from nullfit.tasks.kernel.duplicates import duplicates
from nullfit.tasks.kernel.need import Need
from nullfit.tasks.kernel.problem import KernelProblem
from nullfit.tasks.kernel.refinement import NotSolvedError

_GIB = 2**30
_SOME_RIDGE = "kernel.ridge=1e-3"


def gib(count: float | int) -> str:
    """Bytes in GiB, for people."""
    return f"{count / _GIB:.1f} GiB"


def refuse_duplicates(images: Float32[Tensor, "n c h w"]) -> None:
    """Refuse training images that occur twice, which make the matrix singular.

    Raises:
        UserError: there are some.
    """
    found = duplicates(images)
    if found is not None:
        raise UserError(
            f"kernel.ridge=0 has no solution: {found.samples:,} of {len(images):,} training images "
            f"repeat another one (number {found.again} is number {found.first}), so the kernel "
            f"matrix is singular.\nGive a penalty, {_SOME_RIDGE} say, or take the repeats out of "
            "the data."
        )


def refuse_too_large(need: Need, device: torch.device, available: int | None = None) -> None:
    """Refuse what would not fit into memory.

    Raises:
        UserError: more is needed than ``available`` bytes (by default: what the device has left).
    """
    if available is None:
        available = available_memory(device)
    if available is None or need.bytes <= available:
        return
    fits = need.largest(available)
    ways = [f"data.train_limit={fits}"] if fits else []
    single = replace(need, itemsize=torch.float32.itemsize)
    if single.itemsize < need.itemsize and single.bytes <= available:
        ways.append("trainer.precision=32-true")
    raise UserError(
        f"task=kernel: {need.samples:,} training samples with {need.dimensions:,} features need "
        f"{gib(need.bytes)} of memory ({_what(need.form)}), and {gib(available)} are free.\n"
        + (f"What fits here: {' or '.join(ways)}." if ways else "Fewer features are needed, too.")
    )


def _what(form: str) -> str:
    return {
        "held": "half of the kernel matrix, and the features",
        "accumulated": "half of the kernel matrix twice, since the features are too many to hold",
        "orthogonal": "the features, and three times as many numbers in double precision",
        "primal": "the features, and three matrices of features × features",
    }[form]


@contextmanager
def explained(problem: KernelProblem, features: str) -> Iterator[None]:
    """Say what to do where the matrix turns out to be singular.

    Raises:
        UserError: in place of `NotPositiveDefiniteError` and `NotSolvedError`.
    """
    try:
        yield
    except NotPositiveDefiniteError as error:
        raise UserError(
            f"{_subject(problem, features)} is singular or indefinite in {_type(problem)} (it "
            f"showed at sample {error.column:,} of {problem.need.samples:,})."
            f"\n{_remedies(problem)}"
        ) from error
    except NotSolvedError as error:
        raise UserError(
            f"{_subject(problem, features)} is too close to singular for {_type(problem)}: the "
            f"solution leaves a residual of {error.residual:.1e}.\n{_remedies(problem)}"
        ) from error


def _subject(problem: KernelProblem, features: str) -> str:
    name = type(problem.kernel).__name__.lower()
    return f"kernel.name={name}, kernel.features={features}: K + {problem.ridge:g}·I"


def _type(problem: KernelProblem) -> str:
    return "double precision" if problem.dtype == torch.float64 else "single precision"


def _remedies(problem: KernelProblem) -> str:
    more = f"Raise kernel.ridge above {problem.ridge:g}" if problem.ridge else f"Give {_SOME_RIDGE}"
    gamma = getattr(problem.kernel, "gamma", None)
    ways = [more]
    if gamma is not None:
        ways.append(f"raise kernel.gamma above {gamma:.3g}")
    elif problem.need.form != "primal":
        ways.append("take fewer samples than the features have rank (data.train_limit)")
    if problem.dtype != torch.float64:
        ways.append("compute with trainer.precision=64-true, which takes twice the memory")
    ways.append("look for samples that are almost equal")
    return "; ".join(ways) + "."
