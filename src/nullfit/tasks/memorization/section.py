"""What the report says of ``task=memorization``."""

from collections.abc import Sequence
from typing import Any

import torch

from nullfit.charts.appearance import network_words
from nullfit.charts.samples import SampleRow
from nullfit.report.section import (
    Drawn,
    Material,
    NamedFigure,
    Picture,
    Section,
    TaskRun,
    figure_and_samples,
    filled,
    setting_columns,
    spread_text,
)
from nullfit.results.formats import percent
from nullfit.results.grouping import Group, corruption_label, groups_of
from nullfit.results.spread import Spread
from nullfit.tasks.memorization.account import warnings_of
from nullfit.tasks.memorization.figures import memorized
from nullfit.tasks.memorization.shown import Shown

_NAME = "memorization"
_TEXT = [
    "Many networks are trained, each on a random subset of the training samples. The memorization "
    "of a sample is the share of networks trained on it that name its label, less the share of "
    "those that were not (Feldman 2020). Its C-score is the latter share, the mean over the shares "
    "of the subsets where there are several (Jiang et al. 2021). A sample counts as memorized from "
    "0.25 on. The standard error of each score stands in samples.csv.",
    "Influence is what a training sample changes of the accuracy on a test sample, in the same way "
    "(Feldman and Zhang 2020). The pictures show the training samples that were memorized most "
    "though their labels were not changed, and below each the test sample that it influences most.",
    "Membership: how often it is told of a network whether it was trained on a sample, by the "
    "likelihood ratio of its margin under the other networks (Carlini et al. 2022), at no more "
    "than 0.1 % false alarms. An area under the curve of one half is chance.",
    "The linear datamodeling score (LDS) is the rank correlation between what the influences of "
    "one half of the networks foretell of a test sample's margin, and what the other half gives "
    "(Park et al. 2023).",
]
_CAUTION = (
    "The scores are those of networks trained like these, of this size and on subsets of this "
    "share. A memorized sample is rare, or its label is odd: none of the scores says that it is "
    "wrong."
)


def sections(of: Material) -> list[Section]:
    """The table over all settings; histograms and pictures of each of the first runs."""
    drawn = Drawn.of(of.runs, _drawn)
    return [
        Section(
            title="Samples by memorization",
            text=[*_TEXT, *drawn.left],
            warnings=[
                _CAUTION,
                *(
                    f"{run.folder.name}: {warning}"
                    for run in of.runs
                    for warning in warnings_of(run.result)
                ),
            ],
            table=filled(_row(group) for group in groups_of(of.runs)),
            figures=drawn.figures,
            pictures=drawn.pictures,
        )
    ]


def _drawn(run: TaskRun) -> tuple[list[NamedFigure], list[Picture]]:
    arrays, name, section = run.arrays(), run.folder.name, run.result[_NAME]
    shown = Shown.of_arrays(arrays)
    if shown is None:
        return [], []
    shares = ", ".join(f"{share:g}" for share in section["shares"])
    note = (
        f"Data: {run.result['data']['name']}, {corruption_label(run)}; "
        f"{network_words(run.network)}; {section['trainings']:,} networks on "
        f"shares of {shares} of {len(shown.label_changed):,} samples; seed {run.result['seed']}."
    )
    title = f"{corruption_label(run)}, {section['trainings']:,} networks, seed {run.result['seed']}"
    rows = _rows(shown) if len(shown.train) else []
    return figure_and_samples(f"{_NAME}_{name}", title, memorized(arrays, note), rows, run)


def _rows(shown: Shown) -> list[SampleRow]:
    images = torch.from_numpy(shown.pictures).float().div(255)
    labels = torch.from_numpy(shown.labels)
    each = len(shown.train)
    return [
        SampleRow(label, images[part], labels[part], labels[part])
        for label, part in (
            ("memorized", slice(each)),
            ("test sample that it carries", slice(each, None)),
        )
    ]


def _row(group: Group[TaskRun]) -> dict[str, str]:
    sections = [run.result[_NAME] for run in group.runs]
    metrics = [run.result["metrics"] for run in group.runs]
    untouched = "untouched" if _part(sections[0], "membership", "corrupted") else "all"
    row = {
        **setting_columns(group),
        "networks": f"{sections[0]['trainings']:,}",
        "shares": ", ".join(f"{share:g}" for share in sections[0]["shares"]),
        "accuracy, trained on": _percents(metrics, "train/accuracy"),
        "not trained on": _percents(metrics, "held_out/accuracy"),
        "test set": _percents(metrics, "test/accuracy"),
        "memorized samples": spread_text(Spread.of(s["memorized"] for s in sections), _count),
        "area: memorization": _numbers(sections, "area_under_curve", "memorization"),
        "area: C-score": _numbers(sections, "area_under_curve", "c_score"),
        "members found": _numbers(sections, "membership", untouched, "true_positive_rate_at_0.001"),
        "members: area": _numbers(sections, "membership", untouched, "area_under_curve"),
    }
    if untouched == "untouched":
        row["corrupted members found"] = _numbers(
            sections, "membership", "corrupted", "true_positive_rate_at_0.001"
        )
    return row | {"LDS": _numbers(sections, "linear_datamodeling_score", "influence")}


def _part(section: dict[str, Any], *keys: str) -> Any:
    found: Any = section
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _numbers(sections: Sequence[dict[str, Any]], *keys: str) -> str:
    return spread_text(Spread.of(_part(section, *keys) for section in sections), _three_digits)


def _percents(metrics: Sequence[dict[str, Any]], key: str) -> str:
    return spread_text(Spread.of(of[key] for of in metrics), lambda share: f"{percent(share)}%")


def _three_digits(number: float) -> str:
    return f"{number:.3f}"


def _count(number: float) -> str:
    return f"{number:,.0f}"
