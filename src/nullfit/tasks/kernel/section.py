"""What the report says of ``task=kernel``."""

from collections.abc import Sequence
from functools import partial

import pandas

from nullfit.report.section import Section, TaskRun, spread_text
from nullfit.results.formats import percent
from nullfit.tasks.kernel.figure import draw_kernels
from nullfit.tasks.kernel.interactive import kernels
from nullfit.tasks.kernel.kernel_settings import KernelSetting, kernel_settings

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
_NOTE = "Bars reach from the lowest to the highest run over the seeds. Data: {}."


def section(runs: Sequence[TaskRun]) -> Section:
    """Errors and norms of all settings."""
    settings = kernel_settings(runs)
    flat = [s.name for s in settings if s.runs[0].result["kernel"]["form"] == "primal"]
    data = ", ".join(
        dict.fromkeys(
            f"{run.result['data']['name']} ({run.result['data']['train_samples']:,} samples)"
            for run in runs
        )
    )
    return Section(
        title="Interpolation with kernels",
        text=_TEXT,
        warnings=[_LEAST_SQUARES.format("; ".join(dict.fromkeys(flat)))] if flat else [],
        table=pandas.DataFrame([_row(setting) for setting in settings]),
        plots=[("errors and norms", kernels(settings))],
        printed={"kernels": draw_kernels(settings, _NOTE.format(data))},
    )


def _row(setting: KernelSetting) -> dict[str, str]:
    result = setting.runs[0].result
    return {
        "kernel": setting.name,
        "data": str(result["data"]["name"]),
        "samples": f"{result['data']['train_samples']:,}",
        "corruption": setting.label,
        "λ": f"{result['kernel']['ridge']:g}",
        "n": str(len(setting.runs)),
        "train error %": spread_text(setting.spread("train/error"), partial(percent, digits=2)),
        "test error %": spread_text(setting.spread("test/error"), partial(percent, digits=2)),
        "norm": spread_text(setting.spread("solution_norm"), "{:.4g}".format),
    }
