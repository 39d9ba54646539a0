"""What the report says of a study's trainings."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nullfit.config.schema import RunConfig
from nullfit.console.progress import track
from nullfit.report.page import Picture, data_in_script, plot
from nullfit.report.runs import RunEntry, run_entries, runs_table
from nullfit.report.samples import samples_of
from nullfit.report.summary import data_note, summary_of
from nullfit.report.tables import as_text, write_table_files
from nullfit.results.confusion import Confusion, confusions_of
from nullfit.results.curves import curves_of
from nullfit.results.levels import level_series
from nullfit.results.settings import networks_of, settings_of
from nullfit.results.study import Study
from nullfit.results.table import readable, study_table
from nullfit.results.thresholds import threshold_note
from nullfit.tasks.train.interactive_classes import class_accuracy, confusion_matrix, whole_percents
from nullfit.tasks.train.interactive_corruption_level import corruption_level
from nullfit.tasks.train.interactive_generalization import generalization
from nullfit.tasks.train.interactive_learning_curves import learning_curves
from nullfit.tasks.train.printed import Material, print_figures

_MOST_CLASSES = 100  # of a confusion matrix that can be read
_MOST_SHARES = 2_000_000  # numbers in all matrices of the page, about 3 bytes each
_NAMES = ("model", "data", "corruption")  # columns of words in the table


@dataclass(frozen=True)
class Trainings:
    """The part of the page that is about trainings, its runs, and the files it came with."""

    content: dict[str, Any]
    entries: list[RunEntry]
    files: list[Path]


def trainings_of(study: Study, folder: Path, config: RunConfig, *, reproduces: bool) -> Trainings:
    """Draw and write everything about the trainings of a study, of which there is at least one.

    ``reproduces`` says whether any number is comparable with a published one.
    """
    settings = settings_of(study)
    samples = samples_of(settings, config)
    read = track(settings, len(settings), "reading runs")
    confusions = confusions_of(settings)
    data, thresholds = data_note(study.runs), threshold_note(study.runs)
    note = [data if reproduces else f"{data}: no reproduction of published numbers"]
    material = Material(
        settings=settings,
        curves=curves_of(read),
        series=level_series(settings),
        confusions=confusions,
        matrices=[c for c in confusions if len(c.classes) <= _MOST_CLASSES],
        pictures=samples.figures,
        note="; ".join([*note, *filter(None, [thresholds])]),
    )
    figures = print_figures(material, folder / "figures")
    entries = run_entries(settings)
    content = {
        "data": data,
        "summary": summary_of(study, settings),
        "several_data": len({setting.data for setting in settings}) > 1,
        "diverged": any(setting.diverged for setting in settings),
        "thresholds": thresholds,
        **_plots(material),
        "pictures": [_picture(data, figures[f"samples_{data}"]) for data in samples.figures],
        "missing": samples.missing,
        "figures": {name: [f"figures/{f.name}" for f in files] for name, files in figures.items()},
        **_table(study),
    }
    content["figures"] = {"confusion_matrices": [], **content["figures"]}
    printed = [file for files in figures.values() for file in files]
    return Trainings(content, entries, printed + _write_tables(study, entries, folder / "tables"))


def _plots(material: Material) -> dict[str, Any]:
    curves = networks_of(material.settings)
    by_network = {
        name: [c for c in material.curves if c.setting.network == name] for name in curves
    }
    classes = {
        name: [c for c in material.confusions if c.setting.network == name] for name in curves
    }
    matrices = material.matrices
    too_many = sum(c.shares.size for c in matrices) > _MOST_SHARES
    shown = [] if too_many else matrices
    return {
        "curves": [
            plot(f"curves-{number}", name, learning_curves(members))
            for number, (name, members) in enumerate(by_network.items())
            if members
        ],
        "generalization": plot(
            "generalization-plot", "all networks", generalization(material.settings)
        ),
        "levels": plot(
            "levels-plot",
            "all networks",
            corruption_level(material.series),
        )
        if material.series
        else None,
        "classes": [
            plot(f"classes-{number}", name, class_accuracy(members))
            for number, (name, members) in enumerate(classes.items())
            if members
        ],
        "matrix": plot("matrix", "test set", confusion_matrix(shown[0])) if shown else None,
        "matrix_names": [f"{c.setting.network}: {c.setting.label}" for c in shown],
        "matrices": data_in_script(_matrices(shown)),
    }


def _matrices(confusions: Sequence[Confusion]) -> dict[str, Any]:
    lists: list[list[str]] = []
    for confusion in confusions:
        if confusion.classes not in lists:
            lists.append(confusion.classes)
    settings = [{"z": whole_percents(c), "classes": lists.index(c.classes)} for c in confusions]
    return {"classes": lists, "settings": settings}


def _table(study: Study) -> dict[str, Any]:
    table = as_text(readable(study_table(study)))
    return {"table": table, "numeric": [c for c in table.columns if c not in _NAMES]}


def _write_tables(study: Study, entries: list[RunEntry], folder: Path) -> list[Path]:
    numbers, runs = study_table(study), runs_table(entries)
    return [
        *write_table_files(folder, "table", numbers, as_text(readable(numbers))),
        *write_table_files(folder, "runs", runs, as_text(runs)),
    ]


def _picture(data: str, files: list[Path]) -> Picture:
    png = next(file for file in files if file.suffix == ".png")
    text = base64.b64encode(png.read_bytes()).decode("ascii")
    return Picture(data, text, [f"figures/{file.name}" for file in files])
