"""What the report says of bounds: PAC-Bayes beside Rademacher complexity, for the same network."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas

from nullfit.charts.appearance import network_words
from nullfit.report.bounds.figures import Error, errors_and_bounds
from nullfit.report.section import BOUNDING, Material, NamedFigure, Section
from nullfit.results.formats import percent
from nullfit.results.grouping import corruption_label
from nullfit.results.task_run import TaskRun

_TEXT = [
    "A bound says what the error on unseen samples does not exceed, from the training samples "
    "alone, with the probability that is given. It says something if that is less than the error "
    "of always naming the largest class (chance).",
    "The PAC-Bayes bound is of the stochastic network, whose weights are drawn from a Gaussian "
    "around the trained ones, which was fitted to make the bound small (Dziugaite and Roy 2017). "
    "It grows with the divergence of that Gaussian from the initial weights: it sees what was "
    "learnt. One that says nothing is told as empirical error + √(B/2), which may be above 100 %.",
    "The bound by Rademacher complexity is the training error of the trained network plus what "
    "task=rademacher found for the same network on as many samples of the same data. It sees what "
    "the network could fit, which is the same whatever the labels are: where random signs are "
    "fitted it is above 100 % (Zhang et al. 2017, section 2.2).",
]


@dataclass(frozen=True)
class _Row:
    """A run of task=pac_bayes, and the Rademacher bound of its network, if that is known."""

    name: str
    run: TaskRun
    rademacher: float | None

    def errors(self) -> list[Error]:
        found = self.run.result["pac_bayes"]
        error, above = found["empirical_error"], found["empirical_error_bound"]
        spread = found["test_standard_error"] or 0.0
        test = found["test_error"]
        shown = [
            Error("training error", error, error, above),
            Error("test error", test, max(test - 2 * spread, 0.0), test + 2 * spread),
            Error("PAC-Bayes bound", found["bound"], found["bound_of_mean_error"], found["bound"]),
        ]
        if self.rademacher is not None:
            shown.append(Error("Rademacher bound", *[self.rademacher] * 3))
        return shown

    def cells(self) -> dict[str, str]:
        found = self.run.result["pac_bayes"]
        bounds = [found["bound"], *([] if self.rademacher is None else [self.rademacher])]
        says = [bound < found["chance"] for bound in bounds]
        return {
            "run": self.name,
            "samples": f"{self.run.result['data']['train_samples']:,}",
            "trained network, training error %": _errors(self.run, "train/accuracy"),
            "test error %": _errors(self.run, "test/accuracy"),
            "stochastic network, training error %": percent(found["empirical_error"]),
            "at most %": percent(found["empirical_error_bound"]),
            "its test error %": percent(found["test_error"]),
            "PAC-Bayes bound %": _percent(bounds[0], says[0]),
            "Rademacher bound %": _percent(bounds[1], says[1]) if len(bounds) > 1 else "–",
            "chance %": percent(found["chance"]),
        }


def _errors(run: TaskRun, metric: str) -> str:
    return percent(1 - run.result["metrics"][metric])


def _percent(bound: float, says_something: bool) -> str:
    return percent(bound) + ("" if says_something else " (says nothing)")


def sections(of: Material) -> list[Section]:
    """Errors and bounds of all runs of task=pac_bayes, in a figure and a table."""
    bounded, others = ([run for run in of.runs if run.task == task] for task in BOUNDING)
    if not bounded:
        return []
    known = _rademacher(others)
    rows = [
        _Row(name, run, None if (gap := known.get(_key(run))) is None else gap + _error(run))
        for run, name in zip(bounded, _names(bounded), strict=True)
    ]
    chances = {run.result["pac_bayes"]["chance"] for run in bounded}
    confidence = min(run.result["pac_bayes"]["confidence"] for run in bounded)
    data = ", ".join(dict.fromkeys(str(run.result["data"]["name"]) for run in bounded))
    note = (
        f"Data: {data}. One run in each group. Training and test error: of the stochastic network; "
        "bars: Monte-Carlo error (of training error and PAC-Bayes bound up to what holds with "
        f"probability {percent(confidence)}% in all; two standard errors of the test error). Grey: "
        "chance, and 100 %."
    )
    figure = errors_and_bounds({row.name: row.errors() for row in rows}, chances, note)
    return [
        Section(
            title="What bounds say",
            text=_TEXT,
            warnings=_warnings(rows),
            table=pandas.DataFrame([row.cells() for row in rows]),
            figures=[NamedFigure("bounds", "errors and bounds", figure)],
        )
    ]


def _rademacher(runs: Sequence[TaskRun]) -> dict[tuple[object, ...], float]:
    """The bound of true less training error by network and data, where all signs were fitted."""
    return {
        _key(run): run.result["metrics"]["gap_bound"]
        for run in runs
        if run.result["metrics"]["gap_bound"] is not None
    }


def _key(run: TaskRun) -> tuple[object, ...]:
    """The same for a network of two classes and the one that fitted signs on such data."""
    model, data = run.result["model"], run.result["data"]
    return model["name"], model["parameters"], data["name"], data["train_samples"]


def _error(run: TaskRun) -> float:
    return float(1 - run.result["metrics"]["train/accuracy"])


def _names(runs: Sequence[TaskRun]) -> list[str]:
    """The corruption of each run, with network, data and seed where these differ."""
    parts = [_parts(run) for run in runs]
    told = [0, *(at for at in range(1, len(parts[0])) if len({own[at] for own in parts}) > 1)]
    names = [", ".join(own[at] for at in told) for own in parts]
    return [
        name if names.count(name) == 1 else f"{name}, {run.folder.name}"
        for name, run in zip(names, runs, strict=True)
    ]


def _parts(run: TaskRun) -> list[str]:
    result = run.result
    return [
        corruption_label(run),
        network_words(run.network),
        str(result["data"]["name"]),
        f"n = {result['data']['train_samples']:,}",
        f"seed {result['seed']}",
    ]


def _warnings(rows: Sequence[_Row]) -> list[str]:
    found = [
        "The PAC-Bayes bound holds for the stochastic network, not for the one that was trained. "
        "It is small because the samples have a rule; it does not say why the network finds it."
    ]
    if all(row.rademacher is None for row in rows):
        found.append(
            "There is no bound by Rademacher complexity: it takes a run of task=rademacher of the "
            "same network on as many samples that fitted all signs, and two classes (data.binary)."
        )
    return found
