"""What the report says of trainings with ``probe=loss_mixture``."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas

from nullfit.charts.appearance import network_words
from nullfit.probes.loss_mixture.figures import loss_mixture
from nullfit.probes.loss_mixture.separation import Separation
from nullfit.report.section import Drawn, Material, NamedFigure, Section, TaskRun, note_of
from nullfit.results.grouping import corruption_label

_NAME = "loss_mixture"
_TEXT = [
    "While a network trains, the losses of samples with corrupted labels lie above the others for "
    "a time: it learns what samples have in common before it memorizes single ones. A mixture of "
    "two components over the losses tells the two kinds of samples apart without knowing which "
    "labels were corrupted. A label counts as found if the component of large losses is the more "
    "probable one for its sample; precision and recall are of these. The area under the ROC curve "
    "does not depend on that threshold.",
]
_CLEAN = (
    "Two components are fitted whatever the labels are: an estimated noise level above zero is no "
    "evidence that there is noise. Data without any corrupted label show what to hold it against."
)
_ROWS = {
    "precision": "precision",
    "recall": "recall",
    "area_under_curve": "area under curve",
    "estimated_noise_level": "noise level, estimated",
    "true_noise_level": "noise level, true",
}


def sections(of: Material) -> list[Section]:
    """The table over all settings, and a figure for each of the first runs."""
    drawn = Drawn.of(of.runs, lambda run: (_figures(run), []))
    return [
        Section(
            title="Corrupted labels found by their losses",
            text=[*_TEXT, *drawn.left],
            warnings=[_CLEAN],
            table=_table(of.runs),
            figures=drawn.figures,
        )
    ]


def _figures(run: TaskRun) -> list[NamedFigure]:
    found, name = Separation.of_arrays(run.arrays()), run.folder.name
    if found is None:
        return []
    losses = str(run.result[_NAME].get("losses", "mean"))
    note = note_of(run)
    return [NamedFigure(f"{_NAME}_{name}", name, loss_mixture(found, losses, note))]


def _table(runs: Sequence[TaskRun]) -> pandas.DataFrame:
    settings: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for run in runs:
        settings.setdefault(_setting(run), []).append(run.result[_NAME])
    compared = any("cleanlab" in found for rows in settings.values() for found in rows)
    names = ("model", "data", "corruption", "at most epochs", "mixture", "losses")
    return pandas.DataFrame(
        [
            {
                **dict(zip(names, setting, strict=True)),
                "n": str(len(rows)),
                **{title: _fractions([row[key] for row in rows]) for key, title in _ROWS.items()},
                **(_cleanlab(rows) if compared else {}),
            }
            for setting, rows in settings.items()
        ]
    )


def _setting(run: TaskRun) -> tuple[str, ...]:
    result, found = run.result, run.result[_NAME]
    return (
        network_words(run.network),
        str(result["data"]["name"]),
        corruption_label(run),
        str(run.config.get("trainer", {}).get("max_epochs", "–")),
        str(found.get("mixture", "–")),
        str(found.get("losses", "–")),
    )


def _cleanlab(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    found = [row.get("cleanlab", {}) for row in rows]
    return {
        f"cleanlab: {_ROWS[key]}": _fractions([row.get(key) for row in found])
        for key in ("precision", "recall", "area_under_curve")
    }


def _fractions(values: Sequence[float | None]) -> str:
    """Mean and, of several, standard deviation; a dash where a value is not defined."""
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    spread = f" ± {np.std(known, ddof=1):.3f}" if len(known) > 1 else ""
    return f"{np.mean(known):.3f}{spread}"
