"""What the report says of ``task=pac_bayes`` beside its bounds, which `report.bounds` shows."""

from collections.abc import Sequence

import numpy as np
import pandas

from nullfit.charts.appearance import network_words
from nullfit.report.section import Material, NamedFigure, Section, TaskRun
from nullfit.results.formats import percent, short
from nullfit.results.grouping import corruption_label
from nullfit.tasks.pac_bayes.figures import Fitted, by_epoch

_TEXT = [
    "A Gaussian with a standard deviation for each weight, N(w, s), is fitted from the trained "
    "weights on: what is minimized is the cross-entropy of a network drawn from it divided by "
    "ln 2, which bounds its training error, and √(B/2), B = (KL + log(π² j² m / 6δ)) / (m − 1). "
    "KL is the divergence in nats from the prior N(w₀, λ) around the initial weights, "
    "λ = c · exp(−j/b), m the number of training samples.",
    "The training error is then estimated by networks that are drawn, and the bound is the largest "
    "error p with kl(training error‖p) ≤ B.",
]
_NOTE = "One run in each line. Data: {}. What is minimized, as a mean over the steps of an epoch."


def sections(of: Material) -> list[Section]:
    """How the Gaussians were fitted, and what they came to."""
    data = ", ".join(dict.fromkeys(str(run.result["data"]["name"]) for run in of.runs))
    fitted = [
        Fitted(name, run.corruption, *_curves(run))
        for run, name in zip(of.runs, _names(of.runs), strict=True)
    ]
    return [
        Section(
            title="PAC-Bayes: how the bound was made small",
            text=_TEXT,
            table=pandas.DataFrame([_row(run) for run in of.runs]),
            figures=[NamedFigure("pac_bayes", "by epoch", by_epoch(fitted, _NOTE.format(data)))],
        )
    ]


def _curves(run: TaskRun) -> tuple[np.ndarray, np.ndarray]:
    arrays = run.arrays()
    return arrays["surrogate_by_epoch"], arrays["penalty_by_epoch"]


def _names(runs: Sequence[TaskRun]) -> list[str]:
    names = [f"{corruption_label(run)}, {network_words(run.network)}" for run in runs]
    return [
        name if names.count(name) == 1 else f"{name}, {run.folder.name}"
        for name, run in zip(names, runs, strict=True)
    ]


def _row(run: TaskRun) -> dict[str, str]:
    found = run.result["pac_bayes"]
    return {
        "network": network_words(run.network),
        "data": str(run.result["data"]["name"]),
        "corruption": corruption_label(run),
        "weights": f"{run.result['model']['parameters']:,}",
        "epochs": f"{found['epochs']:,}",
        "draws": f"{found['samples']:,}",
        "KL": f"{found['kl']:,.0f}",
        "prior λ": short(found["prior_variance"], 3),
        "B": f"{found['complexity']:.4f}",
        "inverse of kl": f"{found['inverse_kl_bound']:.3f}",
        "error + √(B/2)": f"{found['pinsker_bound']:.3f}",
        "confidence": f"{percent(found['confidence'])}%",
    }
