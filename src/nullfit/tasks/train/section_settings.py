"""What the report says of settings side by side: corruption levels, sizes, generalization."""

from nullfit.charts.appearance import network_words
from nullfit.report.section import NamedFigure, Section
from nullfit.report.summary import data_note
from nullfit.results.levels import level_series
from nullfit.tasks.train.by_network import from_to, note_on
from nullfit.tasks.train.figure_corruption_level import corruption_level
from nullfit.tasks.train.figure_generalization import generalization, parts_of
from nullfit.tasks.train.figure_size import errors_by_size, errors_by_size_and_epoch, sizes_of
from nullfit.tasks.train.trainings import Trainings

_LINES = 8  # of networks in one figure of corruption levels


def corruption_level_section(trainings: Trainings) -> list[Section]:
    """Where a corruption has several levels."""
    lines = level_series(trainings.settings)
    if not lines:
        return []
    note = note_on(
        trainings.settings,
        "Level 0 is true data. Times are means of the runs that fitted, hollow where not all did, "
        "no point where none did; bars reach from the lowest to the highest run; grey: the error "
        "of guessing.",
    )
    parts = [lines[first : first + _LINES] for first in range(0, len(lines), _LINES)]
    figures = [
        NamedFigure(
            "corruption_level",
            from_to(line.network for line in part),
            corruption_level(part, note),
        )
        for part in parts
    ]
    text = [
        "Time to fit and test error against the level of corruption: the quantities of figures 1b "
        f"and 1c in Zhang et al. (2017), here on {data_note(trainings.runs)}."
    ]
    return [Section("Corruption level", text, trainings.warnings, figures=figures)]


def size_section(trainings: Trainings) -> list[Section]:
    """Where there are networks of many sizes."""
    figures = []
    for sizes in sizes_of(trainings.settings):
        network = sizes.settings[0].runs[0].model
        drawn = "Bands reach from the lowest to the highest run; grey: samples × classes."
        figures.append(
            NamedFigure(
                f"size_{network}",
                f"{network_words(network)}: by size",
                errors_by_size(sizes, note_on(sizes.settings, drawn)),
            )
        )
        means = "Means over seeds; a run that had stopped counts as it was."
        of_epochs = errors_by_size_and_epoch(
            sizes, trainings.curves, note_on(sizes.settings, means)
        )
        if of_epochs is not None:
            title = f"{network_words(network)}: by size and epoch"
            figures.append(NamedFigure(f"size_and_epoch_{network}", title, of_epochs))
    text = [
        "Errors by the number of weights, after the last epoch and on the way there. Where a "
        "network has just enough weights to fit its training set the test error can peak, and fall "
        "again beyond (Belkin et al. 2019, PNAS 116; Nakkiran et al. 2020, arXiv 1912.02292)."
    ]
    return [Section("Size of the network", text, figures=figures)] if figures else []


def generalization_section(trainings: Trainings) -> Section:
    """How long fitting took, and what it was worth on the test set."""
    drawn = "Bars reach from the lowest to the highest run over the seeds."
    figures = [
        NamedFigure(
            "generalization",
            from_to(setting.network for setting in part),
            generalization(part, trainings.legend, note_on(part, drawn)),
        )
        for part in parts_of(trainings.settings)
    ]
    text = [
        "Steps until the training set was fitted (no point where no run did), test error, and the "
        "generalization gap: training accuracy less test accuracy."
    ]
    return Section("Fit and generalization", text, trainings.warnings, figures=figures)
