"""What the report says of scores that find wrong labels, whichever task or probe they come from."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas

from nullfit.report.detectors.figures import areas
from nullfit.report.section import Material, NamedFigure, Section
from nullfit.results.detectors import Detector, detectors_of
from nullfit.results.formats import setting_percent

_TEXT = [
    "Every score that these runs left of their samples, held against the labels that were "
    "corrupted. The area under the ROC curve is the chance that a sample with a corrupted label "
    "looks more suspicious than an untouched one. Columns are levels of corruption as they were "
    "asked for; mean ± standard deviation over the seeds, at most n runs of each.",
    "Seconds are those of a run that the score comes from, with all its scores: one training for "
    "the scores of a probe (cleanlab trains more networks after it, which are not in them), many "
    "for task=memorization; none for task=prediction_depth, which takes a network that is there.",
]
_PRECISION = [
    "Of as many of the most suspicious samples as have a corrupted label, the share that has one; "
    "of samples that tie for the last places each counts in part. To list so many one has to know "
    "the level.",
]
_CAUTION = (
    "Which score is best depends on network, length of training and kind of noise. A score that "
    "finds labels changed at random need not find those that people got wrong."
)


def sections(of: Material) -> list[Section]:
    """Areas with a figure for each data set, and precisions."""
    found = detectors_of(of.runs)
    if not found:
        return []
    names = list(dict.fromkeys(detector.data for detector in found))
    figures = [
        NamedFigure(f"detectors_{name}", name, figure)
        for name in names
        if (figure := areas(_of(name, found), _note(name, found))).panels
    ]
    return [
        Section(
            title="Which score finds the wrong labels?",
            text=_TEXT,
            warnings=[_CAUTION],
            table=_table(found, lambda detector: detector.areas, seconds=True),
            figures=figures,
            numbers=pandas.DataFrame([_numbers(detector) for detector in found]),
        ),
        Section(
            title="Wrong labels among the most suspicious",
            text=_PRECISION,
            table=_table(found, lambda detector: detector.precisions, seconds=False),
            stem="detectors_precision",
        ),
    ]


def _of(data: str, found: Sequence[Detector]) -> list[Detector]:
    return [detector for detector in found if detector.data == data]


def _note(data: str, found: Sequence[Detector]) -> str:
    own = _of(data, found)
    networks = list(dict.fromkeys(detector.network for detector in own))
    network = f"; {networks[0]}" if len(networks) == 1 else ""
    sizes = {len(detector.areas) for detector in own}
    most = f"n {'=' if len(sizes) == 1 else '≤'} {max(sizes)}"
    return f"Data: {data}{network}. Mean over the seeds ({most}), bars from low to high."


def _table(
    found: Sequence[Detector], values: Callable[[Detector], list[float]], *, seconds: bool
) -> pandas.DataFrame:
    """A row for each score under each kind of corruption, a column for each level."""
    kinds = list(dict.fromkeys(detector.kind for detector in found))
    levels = [setting_percent(level) for level in sorted({one.level for one in found})]
    rows: dict[tuple[str, ...], list[Detector]] = {}
    for one in sorted(found, key=lambda detector: kinds.index(detector.kind)):
        name = one.score.replace("_", " ")
        rows.setdefault((one.data, one.network, one.kind, name), []).append(one)
    made = []
    for names, members in rows.items():
        cells = {setting_percent(one.level): _fractions(values(one)) for one in members}
        row = dict(zip(("data", "model", "corruption", "score"), names, strict=True))
        row |= {level: cells.get(level, "–") for level in levels}
        if seconds:
            row["n"] = str(max(len(one.seconds) for one in members))
            row["seconds"] = f"{np.mean([took for one in members for took in one.seconds]):.1f}"
        made.append(row)
    table = pandas.DataFrame(made)
    return table.drop(columns=[name for name in ("data", "model") if table[name].nunique() == 1])


def _numbers(detector: Detector) -> dict[str, Any]:
    of_runs = {
        "area": detector.areas,
        "precision": detector.precisions,
        "changed labels": detector.changed,
        "seconds": detector.seconds,
    }
    names = {
        "data": detector.data,
        "model": detector.network,
        "corruption": detector.kind,
        "level": detector.level,
        "score": detector.score,
        "n": len(detector.areas),
    }
    moments = {
        f"{name} {moment}": value
        for name, values in of_runs.items()
        for moment, value in (("mean", np.mean(values)), ("sd", _deviation(values)))
    }
    return {**names, **moments}


def _fractions(values: Sequence[float]) -> str:
    spread = "" if len(values) < 2 else f" ± {_deviation(values):.3f}"
    return f"{np.mean(values):.3f}{spread}"


def _deviation(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
