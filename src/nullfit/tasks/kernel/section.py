"""What the report says of ``task=kernel``."""

from collections.abc import Sequence
from functools import partial

import pandas

from nullfit.report.section import Material, NamedFigure, Section, TaskRun, spread_text
from nullfit.results.formats import percent
from nullfit.results.grouping import Group, groups_of, run_counts
from nullfit.results.settings import differing, flat_settings
from nullfit.tasks.kernel import double_descent
from nullfit.tasks.kernel.figures import errors_and_norms

_TEXT = [
    "Kernel machines whose solution is known exactly: (K + λI)A = Y is solved for one-hot labels "
    "Y, and the largest entry is the prediction. With λ = 0 it is the function of least norm that "
    "takes the labels' values at all training samples. It fits random labels as well as true ones: "
    "that a model can fit anything does not keep it from generalizing.",
    "The norm is sqrt(trace(AᵀKA)). Within one kernel and one number of samples it is larger for "
    "labels that are harder to fit; between kernels or features it says nothing of the test error.",
]
_LEAST_SQUARES = (
    "Least squares, no interpolant: the linear kernel has fewer independent features than there "
    "are samples, so no function of it takes all the labels' values ({})."
)
_NOTE = (
    "Mean over the seeds ({}); bars from the lowest to the highest. "
    "Grey, where errors come near it: chance. Data: {}."
)

# Told in a kernel's name in any case, or of no account for an exact solution.
_ELSEWHERE = ("seed", "task.", "corruption.", "kernel.name", "kernel.features", "kernel.gamma")
_UNUSED = ("model.", "optimizer.", "schedule.", "trainer.", "data.batch_size")


def sections(of: Material) -> list[Section]:
    """Errors and norms of all kernels; a section of its own where they make a curve."""
    families = double_descent.families_of(groups_of(of.runs))
    on_curves = {id(run) for family in families for group in family for run in group.runs}
    others = [run for run in of.runs if id(run) not in on_curves]
    of_curves = [double_descent.section(family, n) for n, family in enumerate(families)]
    return [*([_kernels(others)] if others else []), *of_curves]


def _kernels(runs: Sequence[TaskRun]) -> Section:
    named = named_groups(runs)
    kernels = list(dict.fromkeys(name for name, _ in named))
    rows = sorted(named, key=lambda pair: kernels.index(pair[0]))
    flat = [name for name, group in rows if group.runs[0].result["kernel"]["form"] == "primal"]
    data = ", ".join(
        dict.fromkeys(
            f"{run.result['data']['name']} ({run.result['data']['train_samples']:,} samples)"
            for run in runs
        )
    )
    note = _NOTE.format(run_counts(group for _, group in named), data)
    return Section(
        title="Interpolation with kernels",
        text=_TEXT,
        warnings=[_LEAST_SQUARES.format("; ".join(dict.fromkeys(flat)))] if flat else [],
        table=pandas.DataFrame([_row(name, group) for name, group in rows]),
        figures=[NamedFigure("kernels", "errors and norms", errors_and_norms(named, note))],
    )


def named_groups(runs: Sequence[TaskRun]) -> list[tuple[str, Group[TaskRun]]]:
    """Runs that differ in the seed only, and the name of their kernel, features and what differs.

    True labels come first.
    """
    groups = groups_of(runs)
    flats = [flat_settings(group.runs[0].config) for group in groups]
    keys = [key for key in differing(flats) if not key.startswith((*_ELSEWHERE, *_UNUSED))]
    return [
        (_name(group.runs[0], {key: flat[key] for key in keys if key in flat}), group)
        for group, flat in zip(groups, flats, strict=True)
    ]


def _name(run: TaskRun, others: dict[str, object]) -> str:
    about = run.result["kernel"]
    gamma = "" if about["gamma"] is None else f" γ={about['gamma']:.3g}"
    features = str(about["features"]).replace("_", " ")
    more = [_in_words(key, value) for key, value in others.items() if _matters(key, about)]
    return ", ".join([f"{about['name']}{gamma} on {features}", *more])


def _matters(key: str, about: dict[str, object]) -> bool:
    """Whether a key of the configuration is none of other features' settings."""
    section, _, name = key.partition(".")
    return section != "kernel" or name in about


def _in_words(key: str, value: object) -> str:
    return str(value) if key == "data.name" else f"{key.rpartition('.')[2]}={value}"


def _row(name: str, group: Group[TaskRun]) -> dict[str, str]:
    result = group.runs[0].result
    return {
        "kernel": name,
        "data": str(result["data"]["name"]),
        "samples": f"{result['data']['train_samples']:,}",
        "corruption": group.label,
        "λ": f"{result['kernel']['ridge']:g}",
        "n": str(len(group.runs)),
        "train error %": spread_text(group.spread("train/error"), partial(percent, digits=2)),
        "test error %": spread_text(group.spread("test/error"), partial(percent, digits=2)),
        "norm": spread_text(group.spread("solution_norm"), "{:.4g}".format),
    }
