"""What the report says of ``task=implicit_regularization``."""

from typing import Any

import pandas

from nullfit.report.section import Material, NamedFigure, Section, TaskRun
from nullfit.results.formats import percent
from nullfit.results.grouping import Group, corruption_label, groups_of, run_counts
from nullfit.tasks.implicit_regularization.figures import descents

_TEXT = [
    "A linear problem with more features than samples has many solutions that fit all labels. "
    "Stochastic gradient descent that starts at zero never leaves the span of the samples' "
    "features, and there only one solution lies: that of least norm. So it needs no penalty to "
    "find it. The closed form is computed beside it.",
    "A random start keeps what of it no sample sees: the descent ends at the solution of least "
    "norm plus exactly that part, with a larger norm. The grey line is the distance that this part "
    "must keep up.",
]
_NOT_CONVERGED = (
    "{}: the descent ended {} of the least norm away, more than the tolerance of {:g}. That is a "
    "matter of steps (the smallest singular value is {:.2g} times the largest), not of another "
    "solution."
)
_NOTE = (
    "{}: a line for each seed ({}). Constant learning rate; SGD and closed form on the same "
    "samples.{}"
)
_END = " Grey: the distance that the random start must keep."


def sections(of: Material) -> list[Section]:
    """The way of each run."""
    return [
        Section(
            title="SGD finds the solution of least norm",
            text=_TEXT,
            warnings=[_unfinished(run) for run in of.runs if not _about(run)["converged"]],
            table=pandas.DataFrame([_row(run) for run in of.runs]),
            figures=[
                _figure(number, group) for number, group in enumerate(groups_of(of.runs), start=1)
            ],
        )
    ]


def _figure(number: int, group: Group[TaskRun]) -> NamedFigure:
    run = group.runs[0]
    about, data = _about(run), run.result["data"]
    features = f"{about['dimensions']:,} {about['features']} features".replace("_", " ")
    name = f"{data['train_samples']:,} {data['name']}, {features}, {group.label}"
    end = _END if "start/unseen" in run.result["metrics"] else ""
    note = _NOTE.format(name, run_counts([group]), end)
    return NamedFigure(f"implicit_regularization_{number}", name, descents(group.runs, note))


def _about(run: TaskRun) -> dict[str, Any]:
    about: dict[str, Any] = run.result["implicit_regularization"]
    return about


def _unfinished(run: TaskRun) -> str:
    about, metrics = _about(run), run.result["metrics"]
    distance = max(metrics["distance"], metrics.get("start/distance_to_own", 0.0))
    ratio = about["smallest_singular_value"] / about["largest_singular_value"]
    return _NOT_CONVERGED.format(run.folder.name, f"{distance:.2g}", about["tolerance"], ratio)


def _row(run: TaskRun) -> dict[str, str]:
    metrics, about, data = run.result["metrics"], _about(run), run.result["data"]
    random = "start/norm" in metrics
    return {
        "data": str(data["name"]),
        "corruption": corruption_label(run),
        "features": str(about["features"]),
        "samples": f"{data['train_samples']:,}",
        "dimensions": f"{int(about['dimensions']):,}",
        "steps": f"{run.result['steps']:,}",
        "distance": f"{metrics['distance']:.2e}",
        "norm": f"{metrics['solution_norm']:.5g}",
        "least norm": f"{metrics['minimum_norm']:.5g}",
        "norm, random start": f"{metrics['start/norm']:.5g}" if random else "–",
        "test %": percent(metrics["test/error"], 2),
        "closed form %": percent(metrics["test/error_minimum_norm"], 2),
    }
