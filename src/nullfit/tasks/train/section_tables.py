"""What the report says of trainings in tables: of settings, differences, spreads and runs."""

from nullfit.report.section import NamedFigure, Section
from nullfit.report.tables import as_text
from nullfit.results.paired import comparisons, paired_note, paired_table, readable_paired
from nullfit.results.readable_table import readable
from nullfit.results.table import study_table
from nullfit.tasks.train.by_network import note_on
from nullfit.tasks.train.figure_paired import paired_differences
from nullfit.tasks.train.runs_table import readable_runs, runs_table
from nullfit.tasks.train.spread_table import readable_spreads, spread_table
from nullfit.tasks.train.trainings import Trainings


def settings_section(trainings: Trainings) -> Section:
    """A row for each setting, over its seeds."""
    numbers = study_table(trainings.runs)
    lost = any(setting.diverged for setting in trainings.settings)
    text = "Mean ± standard deviation over seeds; accuracies in per cent."
    return Section(
        "Settings",
        [text + (" Runs that diverged are counted and not averaged." if lost else "")],
        trainings.warnings,
        table=as_text(readable(numbers)),
        numbers=numbers,
        stem="table",
    )


def paired_section(trainings: Trainings) -> list[Section]:
    """Where settings have two seeds or more in common."""
    settings = trainings.settings
    found = comparisons(settings)
    if not found.any_interval:
        return []
    text = (
        "Each setting less the true labels of the same network and data (or less the first setting "
        "of the study), and settings less others that differ in one key. Runs with equal seeds "
        "share labels, initial weights and order as far as their settings allow: what they share "
        "cancels."
    )
    drawn = "Differences by seed: means with 95 % intervals (Student's t), each on its own."
    figure = paired_differences(found, trainings.legend, settings, note_on(settings, drawn))
    return [
        Section(
            "Paired differences",
            [text, paired_note(found)],
            table=readable_paired(found, settings),
            numbers=paired_table(found, settings),
            figures=[NamedFigure("paired_differences", "test accuracy", figure)],
            stem="paired",
        )
    ]


def spread_section(trainings: Trainings) -> list[Section]:
    """Where corruption, initial weights or order had seeds of their own."""
    numbers = spread_table(trainings.settings)
    if not len(numbers):
        return []
    text = (
        "The standard deviation of accuracies, in points, over runs that differ in one part of "
        "their randomness alone (seeds.corruption, seeds.initialization, seeds.order), pooled over "
        "sets of such runs; degrees of freedom in brackets."
    )
    shown = readable_spreads(numbers)
    return [Section("Spread by part", [text], table=shown, numbers=numbers, stem="spread_by_part")]


def runs_section(trainings: Trainings) -> Section:
    """A row for each run."""
    numbers = runs_table(trainings.settings)
    text = "Accuracies in per cent: on the labels trained on, and on the test set."
    return Section("Trainings", [text], table=readable_runs(numbers), numbers=numbers, stem="runs")
