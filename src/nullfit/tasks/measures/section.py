"""What the report says of ``task=measures``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas

from nullfit.charts.appearance import network_words
from nullfit.errors import by_reason
from nullfit.report.section import Material, NamedFigure, Section, TaskRun
from nullfit.results.formats import percent, short
from nullfit.tasks.measures.figures import (
    Entry,
    against_gap,
    against_level,
    has_levels,
    margin_distributions,
)
from nullfit.tasks.measures.hessian import TOLERANCE
from nullfit.tasks.measures.names import MEASURES

_TEXT = [
    "Quantities of trained networks that are proposed to explain why some generalize: norms of the "
    "weights, margins of the training samples, and how flat the training loss is. Batch norm was "
    "folded into the layers before it. Products of norms, path norm and spectral complexity are "
    "given as natural logarithms (log). Margins are 10 % quantiles over the training set.",
    "σ is the largest standard deviation of Gaussian noise on the weights that costs at most "
    "{costs} of the training accuracy; magnitude-aware noise is in proportion to each weight. The "
    "worst rise is that of the training loss within a ball of radius {radii} around the weights, "
    "by gradient ascent; λ is the largest eigenvalue of the Hessian of the training loss.",
]
_CAUTION = (
    "What goes with the gap need not cause it: over levels of random labels nearly everything does "
    "that grows while a network memorizes. Look at settings other than the corruption, too. Norms "
    "and flatness change when layers are scaled against each other, which leaves the function of "
    "the network as it is; path norm, spectral complexity and normalized margins do not."
)
_SHOWN = {
    "log_frobenius_product": "log ∏‖W‖ Frobenius",
    "log_spectral_product": "log ∏‖W‖ spectral",
    "distance_from_start": "distance from start",
    "log_path_norm": "log path norm",
    "log_spectral_complexity": "log spectral complexity",
    "margin": "margin",
    "normalized_margin": "normalized margin",
    "sharpness_sigma": "σ",
    "magnitude_sharpness_sigma": "σ, magnitude-aware",
    "worst_case_sharpness": "worst rise",
    "hessian_eigenvalue": "λ",
}
_ORDER = [
    "Kendall's τ of each measure with the generalization gap (training accuracy less test "
    "accuracy) over the runs of the study; +1 is the order that the measure promises, −1 the "
    "opposite: large margins and σ promise a small gap, all others a large one.",
    "Under a setting stands the sign error over pairs of runs of one seed that differ in this "
    "setting only: the share of pairs that the measure puts in the wrong order, ties counting half "
    "(Dziugaite et al. 2020, here every pair counts once). 0 is always right, 0.5 is guessing.",
]


def sections(of: Material) -> list[Section]:
    """A row and figures of all runs, and of studies what goes with the gap."""
    entries = [one for run in of.runs for one in run.result["measures"]["runs"]]
    taken = [run.result["measures"]["taken"] for run in of.runs]
    costs, radii = (
        " or ".join(f"{value:g}" for value in sorted({one[key] for one in taken}))
        for key in ("cost", "rho")
    )
    studies = [run for run in of.runs if "kendall" in run.result["measures"]]
    first = Section(
        title="Measures of generalization",
        text=[text.format(costs=costs, radii=radii) for text in _TEXT],
        warnings=[_CAUTION, *_warnings(of.runs, entries)],
        table=pandas.DataFrame([_row(one) for one in entries]),
        numbers=pandas.DataFrame(
            [{k: v for k, v in one.items() if k not in ("undefined", "folder")} for one in entries]
        ),
        figures=[figure for run in studies for figure in _figures(run)],
    )
    table = pandas.DataFrame([row for run in studies for row in _tau_rows(run)])
    if table.empty:
        return [first]
    return [
        first,
        Section(
            title="Which measures go with the generalization gap",
            text=_ORDER,
            table=table.fillna("–"),
            stem="measures_gap",
        ),
    ]


def _name(run: TaskRun) -> str:
    return Path(str(run.result["measures"]["taken"]["run"])).name


def _warnings(runs: Sequence[TaskRun], entries: Sequence[Entry]) -> list[str]:
    told = [
        f"{job} is left out: {reason}."
        for run in runs
        for job, reason in run.result["measures"]["left_out"].items()
    ]
    reasons = {
        f"{measure.label} of {one['job']}": one["undefined"][measure.field]
        for measure in MEASURES
        for one in entries
        if measure.field in one["undefined"]
    }
    for reason, names in by_reason(reasons).items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        told.append(f"Not defined: {names[0]}{more}: {reason}.")
    open_ = [one["job"] for one in entries if (one["hessian_change"] or 0) > TOLERANCE]
    if open_:
        told.append(
            f"λ is a lower bound where the iteration was cut off, in {len(open_)} of "
            f"{len(entries)} runs, e.g. {open_[0]}: raise measures.iterations."
        )
    return told


def _row(one: Entry) -> dict[str, str]:
    return {
        "model": network_words(one["network"]),
        "data": one["data"],
        "corruption": one["label"],
        "seed": str(one["seed"]),
        "train %": _percent(one["train_accuracy"]),
        "test %": _percent(one["test_accuracy"]),
        **{
            title: "–" if one[name] is None else short(one[name], 3)
            for name, title in _SHOWN.items()
        },
    }


def _percent(share: float | None) -> str:
    return "–" if share is None else percent(share)


def _figures(run: TaskRun) -> list[NamedFigure]:
    entries, name = run.result["measures"]["runs"], _name(run)
    data = ", ".join(dict.fromkeys(one["data"] for one in entries))
    seeds = len({one["seed"] for one in entries})
    about = f"Study {name}, data: {data}, {len(entries)} runs with {seeds} seeds."
    figures = []
    if has_levels(entries):
        note = f"{about} Means; bars: from the lowest to the highest run."
        figures.append(("level", "corruption level", against_level(entries, note)))
    if len({one["gap"] for one in entries if one["gap"] is not None}) > 1:
        note = f"{about} A marker is a run; the gap is training accuracy less test accuracy."
        figures.append(("gap", "generalization gap", against_gap(entries, note)))
    arrays: dict[str, Any] = run.arrays()
    networks = list(dict.fromkeys(one["network"] for one in entries))
    for number, network in enumerate(networks, start=1):
        rows = [at for at, one in enumerate(entries) if one["network"] == network]
        note = (
            f"{about} {network_words(network)}; quantiles are means over the runs. Normalized: "
            "over R ‖X‖ / n, R being the spectral complexity (Bartlett et al. 2017)."
        )
        chosen = [entries[at] for at in rows]
        drawn = margin_distributions(chosen, {k: v[rows] for k, v in arrays.items()}, note)
        title = "margins" if len(networks) == 1 else f"margins, {network_words(network)}"
        figures.append((f"margins_{number}", title, drawn))
    return [
        NamedFigure(f"measures_{name}_{stem}", f"{name}: {title}", figure)
        for stem, title, figure in figures
    ]


def _tau_rows(run: TaskRun) -> list[dict[str, str]]:
    told = run.result["measures"]
    rows = []
    for measure in MEASURES:
        tau, n = (told["kendall"][measure.field][key] for key in ("tau", "n"))
        errors = {
            f"{axis}: sign error": _error(of[measure.field])
            for axis, of in told["sign_error"].items()
        }
        if tau is not None or any(error != "–" for error in errors.values()):
            about = {"study": _name(run), "measure": measure.label}
            rows.append(about | {"τ": "–" if tau is None else f"{tau:+.2f}", "n": str(n)} | errors)
    return rows


def _error(of: dict[str, Any]) -> str:
    return "–" if of["sign_error"] is None else f"{of['sign_error']:.2f} ({of['n']:,} pairs)"
