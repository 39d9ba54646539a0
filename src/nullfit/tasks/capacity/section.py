"""What the report says of ``task=capacity``."""

import pandas

from nullfit.charts.appearance import network_words
from nullfit.report.section import Material, NamedFigure, Section, spread_text
from nullfit.results.grouping import groups_of, run_counts
from nullfit.tasks.capacity.account import labels_of, slow_of
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
_NOTE = (
    "Mean over the seeds ({}), each of {} draws of labels; bands and bars reach from the lowest to "
    "the highest. Grey: n = p; dashed: Theorem 1, n = (p − d) / 2.{} Data: {}."
)
_TRIANGLES = " Hollow triangles: all samples there were are fitted, the number is a lower bound."


def sections(of: Material) -> list[Section]:
    """Samples against parameters and width, and what was found for each network."""
    groups = groups_of(of.runs)
    kinds = {(g.runs[0].result["data"]["name"], g.label) for g in groups}
    data = {kind: _data(*kind) for kind in kinds}
    points = [
        Point(g, data[g.runs[0].result["data"]["name"], g.label] if len(kinds) > 1 else "")
        for g in groups
    ]
    points.sort(key=lambda p: (p.kind, p.section["depth"], p.section["parameters"]))
    bounds = sum(point.censored for point in points)
    draws = " or ".join(str(d) for d in sorted({p.section["draws"] for p in points}))
    note = _NOTE.format(
        run_counts(groups), draws, _TRIANGLES if bounds else "", ", ".join(sorted(data.values()))
    )
    return [
        Section(
            title="Capacity: samples with random labels that networks fit",
            text=_TEXT,
            warnings=[
                *([_CENSORED.format(bounds, len(points))] if bounds else []),
                *(
                    f"{run.folder.name}: {warning}"
                    for run in of.runs
                    if (warning := slow_of(run.result["capacity"])) is not None
                ),
            ],
            table=pandas.DataFrame([_row(point) for point in points]),
            figures=[NamedFigure("capacity", "samples fitted", capacities(points, note))],
        )
    ]


def _data(name: str, corruption: str) -> str:
    return name if corruption == "true labels" else f"{name}, {corruption}"


def _row(point: Point) -> dict[str, str]:
    first, section = point.group.runs[0].result, point.section
    bound = "≥ " if point.censored else ""
    theorem = theorem_1_samples(section["parameters"], point.dimensions)

    def told(metric: str, form: str) -> str:
        return bound + spread_text(point.measured(metric), form.format)

    return {
        "network": network_words(first["model"]["name"]),
        "depth": str(section["depth"]),
        "width": str(section["width"] or "–"),
        "parameters": f"{section['parameters']:,}",
        "data": str(first["data"]["name"]),
        "corruption": "–" if first["corruption"]["name"] == "none" else point.group.label,
        "labels": labels_of(section["classes"]),
        "n": str(len(point.group.runs)),
        "samples": told(SAMPLES, "{:,.0f}"),
        "per parameter": told(PER_PARAMETER, "{:.2f}"),
        "bits per parameter": told("capacity/bits_per_parameter", "{:.2f}"),
        "Theorem 1": f"{theorem:,.0f}" if theorem >= 1 else "–",
    }
