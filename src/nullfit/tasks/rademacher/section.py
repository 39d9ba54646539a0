"""What the report says of ``task=rademacher``."""

from collections.abc import Sequence

import pandas

from nullfit.charts.appearance import network_words
from nullfit.report.section import Material, NamedFigure, Section, TaskRun
from nullfit.results.grouping import corruption_label
from nullfit.tasks.rademacher.figures import Signs, correlations

_TEXT = [
    "Empirical Rademacher complexity by randomization: networks are trained on independent random "
    "signs in place of labels, and the correlation (1/n) Σ σᵢ h(xᵢ) that they reach is averaged "
    "over draws. It is a lower bound of the complexity of all that the network can compute; 1 "
    "means that it can fit any labels of two classes. The 95 % interval is one of the mean that "
    "training reaches, from one initialization, not of the complexity.",
    "The bound says how far true error can lie above training error (two classes, with "
    "probability 95 %). It takes the complexity, which is known only where all signs were fitted; "
    "then it is above 1 and says nothing, which is the point that Zhang et al. (2017, section 2.2) "
    "make: a network that fits random signs is not bounded by its complexity, and generalizes on "
    "true labels all the same.",
]


_NOTE = (
    "Thin: single draws of signs; thick: the mean of each run's draws ({}); band: from the lowest "
    "to the highest. Data: {}."
)


def sections(of: Material) -> list[Section]:
    """Correlations of all runs, and how they came about."""
    names = _names(of.runs)
    data = ", ".join(dict.fromkeys(str(run.result["data"]["name"]) for run in of.runs))
    draws = sorted({run.result["rademacher"]["draws"] for run in of.runs})
    note = _NOTE.format(" or ".join(map(str, draws)), data)
    figure = correlations(list(map(Signs.of, of.runs, names)), note)
    return [
        Section(
            title="Rademacher complexity: fitting random signs",
            text=_TEXT,
            warnings=[
                f"{name}: not all signs were fitted, so the complexity may be larger than the "
                "correlation that training reached, and no bound follows."
                for run, name in zip(of.runs, names, strict=True)
                if run.result["metrics"]["gap_bound"] is None
            ]
            + [
                f"{run.folder.name}: {run.result['rademacher']['diverged']} trainings diverged; "
                "lower optimizer.lr."
                for run in of.runs
                if run.result["rademacher"]["diverged"]
            ],
            table=pandas.DataFrame([_row(run) for run in of.runs]),
            figures=[NamedFigure("rademacher", "correlation", figure)],
        )
    ]


def _names(runs: Sequence[TaskRun]) -> list[str]:
    """What tells the runs apart in few words, or else the folder too."""
    names = [_name(run) for run in runs]
    return [
        name if names.count(name) == 1 else f"{name}, {run.folder.name}"
        for name, run in zip(names, runs, strict=True)
    ]


def _name(run: TaskRun) -> str:
    network, data, seed = network_words(run.network), run.result["data"], run.result["seed"]
    parts = [network, data["name"], f"n = {data['train_samples']:,}"]
    corrupted = [] if run.corruption == "none" else [corruption_label(run)]
    return ", ".join([*parts, *corrupted]) + (f", seed {seed}" if seed else "")


def _row(run: TaskRun) -> dict[str, str]:
    found, metrics = run.result["rademacher"], run.result["metrics"]
    interval = "–" if found["low"] is None else f"{found['low']:.3f} – {found['high']:.3f}"
    bound = metrics["gap_bound"]
    return {
        "network": network_words(run.network),
        "data": str(run.result["data"]["name"]),
        "corruption": corruption_label(run),
        "samples": f"{run.result['data']['train_samples']:,}",
        "draws": str(found["draws"]),
        "correlation": f"{metrics['train/correlation']:.3f}",
        "95 % interval of it": interval,
        "on unseen images": f"{metrics['test/correlation']:.3f}",
        "fitted": f"{found['fitted']} of {found['draws']}",
        "bound": "–" if bound is None else f"{bound:.2f} (says nothing)",
    }
