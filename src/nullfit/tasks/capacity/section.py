"""What the report says of ``task=capacity``."""

import pandas

from nullfit.charts.appearance import network_words
from nullfit.report.section import Material, NamedFigure, Section, TaskRun, spread_text
from nullfit.results.grouping import Group, groups_of, run_counts
from nullfit.results.settings import differing, flat_settings
from nullfit.tasks.capacity.account import slow_of
from nullfit.tasks.capacity.figures import PER_PARAMETER, SAMPLES, Point, capacities
from nullfit.tasks.capacity.size import theorem_1_samples

_TEXT = [
    "Networks are trained on n samples with random labels, from several initial weights; a draw of "
    "labels is fitted if one of them names all (or the share of capacity.accuracy). Bisection "
    "finds the largest n of which half of the draws are fitted.",
    "It is what training finds, not what the network could represent: a lower bound of its "
    "capacity, by this optimizer, rate and number of epochs. Theorem 1 of Zhang et al. 2017 "
    "constructs networks of 2n + d parameters that fit n points in d dimensions.",
]
_CENSORED = (
    "{} of {} networks fitted all samples there were: their numbers (≥) are bounds, triangles in "
    "the figure."
)
_SLOW = (
    "In {} of {} runs the networks that failed were still learning when their epochs were over: a "
    "larger trainer.max_epochs may find more."
)
_NOTE = (
    "Mean over the seeds ({}), each of {} draws of labels; bands and bars reach from the lowest to "
    "the highest. Grey: n = p; dashed: Theorem 1, n = (p − d) / 2, d = {}.{} Data: {}."
)
# Settings that the figure shows otherwise, or whose values are in the names of data.
_SHOWN = ("seed", "model.", "corruption.", "capacity.classes", "data.name")
_TRIANGLES = " Hollow triangles: all samples there were are fitted, the number is a lower bound."


def sections(of: Material) -> list[Section]:
    """Samples against parameters and width, and what was found for each network."""
    groups = groups_of(of.runs)
    data = list(map(_data, groups))
    points = list(map(Point, groups, _apart(groups, data)))
    points.sort(key=lambda p: (p.kind, p.section["depth"], p.section["parameters"]))
    bounds = sum(point.censored for point in points)
    slow = sum(slow_of(run.result["capacity"]) is not None for run in of.runs)
    draws = " or ".join(str(d) for d in sorted({p.section["draws"] for p in points}))
    dimensions = ", ".join(map(str, sorted({point.dimensions for point in points})))
    note = _NOTE.format(
        run_counts(groups),
        draws,
        dimensions,
        _TRIANGLES if bounds else "",
        ", ".join(sorted(set(data))),
    )
    return [
        Section(
            title="Capacity: samples with random labels that networks fit",
            text=_TEXT,
            warnings=[
                *([_CENSORED.format(bounds, len(points))] if bounds else []),
                *([_SLOW.format(slow, len(of.runs))] if slow else []),
            ],
            table=pandas.DataFrame([_row(point) for point in points]),
            figures=[NamedFigure("capacity", "samples fitted", capacities(points, note))],
        )
    ]


def _data(group: Group[TaskRun]) -> str:
    name = str(group.runs[0].result["data"]["name"])
    return name if group.corruption == "none" else f"{name}, {group.label}"


def _apart(groups: list[Group[TaskRun]], data: list[str]) -> list[str]:
    """The data of each group where there are several, and settings by which trainings differ."""
    flats = [flat_settings(group.runs[0].config) for group in groups]
    keys = [key for key in differing(flats) if not key.startswith(_SHOWN)]
    several = len(set(data)) > 1
    return [
        ", ".join([*([name] if several else []), *(f"{k}={flat[k]}" for k in keys if k in flat)])
        for name, flat in zip(data, flats, strict=True)
    ]


def _row(point: Point) -> dict[str, str]:
    section = point.section
    bound = "≥ " if point.censored else ""
    theorem = theorem_1_samples(section["parameters"], point.dimensions)

    def told(metric: str, form: str) -> str:
        return bound + spread_text(point.measured(metric), form.format)

    return {
        "network": network_words(point.group.runs[0].network),
        "depth": str(section["depth"]),
        "width": str(section["width"] or "–"),
        "parameters": f"{section['parameters']:,}",
        "data": _data(point.group),
        "labels": point.kind,
        "n": str(len(point.group.runs)),
        "draws": str(section["draws"]),
        "samples": told(SAMPLES, "{:,.0f}"),
        "per parameter": told(PER_PARAMETER, "{:.2f}"),
        "bits per parameter": told("capacity/bits_per_parameter", "{:.2f}"),
        "Theorem 1": f"{theorem:,.0f}" if theorem >= 1 else "–",
    }
