"""What the report says of trainings."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from nullfit.charts.appearance import network_words
from nullfit.charts.figure import Figure
from nullfit.config.schema import RunConfig
from nullfit.console.progress import track
from nullfit.report.samples import samples_of
from nullfit.report.section import Material, NamedFigure, Picture, Section, not_shown
from nullfit.report.summary import data_note, many
from nullfit.report.tables import as_text
from nullfit.results.confusion import (
    Confusion,
    confusions_by_epoch,
    confusions_of,
    evenly,
    recorded_epochs,
)
from nullfit.results.curves import MARGIN, OF_LABELS, OF_WEIGHTS, Curves, curves_of
from nullfit.results.levels import level_series
from nullfit.results.paired import comparisons, paired_note, paired_table, readable_paired
from nullfit.results.settings import Setting, settings_of
from nullfit.results.study import Run
from nullfit.results.table import readable, study_table
from nullfit.results.thresholds import threshold_note
from nullfit.tasks.train.figure_classes import (
    MOST_CLASSES,
    class_accuracy,
    confusion_matrices,
    confusions_over_epochs,
)
from nullfit.tasks.train.figure_corruption_level import corruption_level
from nullfit.tasks.train.figure_generalization import generalization, parts_of
from nullfit.tasks.train.figure_learning_curves import (
    label_curves,
    learning_curves,
    norm_curves,
    start_curves,
)
from nullfit.tasks.train.figure_paired import paired_differences
from nullfit.tasks.train.figure_size import (
    errors_by_size,
    errors_by_size_and_epoch,
    sizes_of,
)
from nullfit.tasks.train.legend import Legend, legend_of
from nullfit.tasks.train.runs_table import readable_runs, runs_table
from nullfit.tasks.train.spread_table import readable_spreads, spread_table
from nullfit.tasks.train.summary import summary

M = TypeVar("M", Curves, Confusion)

_MOST_SHARES = 500_000  # in all confusion matrices of the page, about 4 bytes each
_MOST_EPOCHS = 150  # of a slider: a hand tells no more apart
_MEANS = (
    "Curves are means over seeds, bands reach from the lowest to the highest run; a thin line goes "
    "on where all runs had stopped"
)
_LINES = 8  # of networks in one figure of corruption levels


@dataclass(frozen=True)
class Trainings:
    """The runs, and what all their sections need."""

    runs: list[Run]
    command: RunConfig

    @cached_property
    def settings(self) -> list[Setting]:
        """Runs that differ in the seed only."""
        return settings_of(self.runs)

    @cached_property
    def legend(self) -> Legend:
        """One look for each kind of data."""
        return legend_of(self.settings)

    @cached_property
    def curves(self) -> list[Curves]:
        """The learning curves, of the settings that have any."""
        settings = self.settings
        return curves_of(track(settings, len(settings), "reading learning curves"))

    @cached_property
    def confusions(self) -> list[Confusion]:
        """The confusion matrices, of the settings that have any."""
        return confusions_of(self.settings)

    @cached_property
    def warnings(self) -> list[str]:
        """What has to stand wherever times to fit stand."""
        return list(filter(None, [threshold_note(self.runs)]))


def sections(of: Material) -> list[Section]:
    """What the trainings of a study came to: figures, samples, and tables."""
    trainings = Trainings([run for run in of.runs if isinstance(run, Run)], of.command)
    return [
        summary(trainings.runs, trainings.settings, trainings.warnings),
        *_learning_curves(trainings),
        *_starts(trainings),
        *_label_curves(trainings),
        *_norms(trainings),
        *_corruption_level(trainings),
        *_size(trainings),
        _generalization(trainings),
        *_class_accuracy(trainings),
        *_confusion_matrices(trainings),
        *_confusions_over_epochs(trainings),
        _samples(trainings),
        _settings_table(trainings),
        *_paired_differences(trainings),
        *_spread_by_part(trainings),
        _runs_table(trainings),
    ]


def _learning_curves(trainings: Trainings) -> list[Section]:
    figures = _of_networks(
        "learning_curves",
        trainings.curves,
        lambda curves, of: learning_curves(
            curves, trainings.legend, _note(of, f"{_MEANS}; {_published(curves)}grey: chance.")
        ),
    )
    text = [
        "The training loss is that of the batches while training. The training accuracy is exact "
        "where the whole training set was evaluated after the epoch (each time where that costs "
        "little beside the epoch, elsewhere with trainer.evaluate_train_every=1), else that of the "
        "batches as well. The test set is measured after each epoch."
    ]
    return [Section("Learning curves", text, figures=figures)] if figures else []


def _starts(trainings: Trainings) -> list[Section]:
    """Trainings on the same data that begin with other weights, side by side."""
    groups: dict[tuple[str, str, str], list[Curves]] = {}
    for curves in trainings.curves:
        of = curves.setting
        groups.setdefault((of.runs[0].network, of.data, of.label), []).append(curves)
    figures = [
        NamedFigure(
            "starts" if len(groups) == 1 else f"starts_{model}_{data}_{label}",
            f"{network_words(model)}, {data}, {label}",
            start_curves(members, _note([one.setting for one in members], f"{_MEANS}.")),
        )
        for (model, data, label), members in groups.items()
        if len({_start(one.setting) for one in members}) > 1
    ]
    text = [
        "Trainings on the same data that begin with weights of their own, and with those that "
        "another run ended with or had after an epoch (start)."
    ]
    return [Section("With the weights of other runs", text, figures=figures)] if figures else []


def _start(setting: Setting) -> str:
    """Which weights its runs begin with."""
    return str(setting.runs[0].config.get("start"))


def _published(curves: Sequence[Curves]) -> str:
    """Where published points come from, if there are any."""
    sources = dict.fromkeys(source for curve in curves for source in curve.published["source"])
    return f"rings: published ({', '.join(sources)}); " if sources else ""


_NOT_FOLLOWED = (
    "The training set was evaluated in few of the epochs, so that the curves leave out what was "
    "between: trainer.evaluate_train_every=1 evaluates it in each."
)


def _label_curves(trainings: Trainings) -> list[Section]:
    """Where labels were changed: what is learnt first, and what is memorized later."""
    found = [curves for curves in trainings.curves if OF_LABELS[1] in curves.bands]
    figures = _of_networks(
        "label_curves",
        found,
        lambda curves, of: label_curves(curves, trainings.legend, _note(of, f"{_MEANS}.")),
    )
    text = [
        "The accuracy on training samples whose labels were left as they were, and on those whose "
        "labels were changed, by the labels trained on; and on all of them by the true labels, "
        "which a network that learns reaches for a while before it memorizes. Exact, where the "
        "training set was evaluated."
    ]
    warnings = [] if all(map(_is_followed, found)) else [_NOT_FOLLOWED]
    return [Section("Learning and memorizing", text, warnings, figures=figures)] if figures else []


def _is_followed(curves: Curves) -> bool:
    """Whether the whole training set was evaluated in most epochs."""
    there = curves.bands
    running = there.get("train/running_loss")
    return running is None or 2 * len(there[OF_LABELS[1]].epochs) >= len(running.epochs)


def _norms(trainings: Trainings) -> list[Section]:
    """How the weights grow."""
    figures = _of_networks(
        "weight_norms",
        [curves for curves in trainings.curves if OF_WEIGHTS[0] in curves.bands],
        lambda curves, of: norm_curves(curves, trainings.legend, _note(of, f"{_MEANS}.")),
    )
    text = [
        "The Euclidean norm of all trained weights together, the natural logarithm of the product "
        "of the norms of the parameter tensors, and the Euclidean distance from the weights at "
        "the start."
    ]
    if any(MARGIN in curves.bands for curves in trainings.curves):
        text[0] += (
            " The margin of a training sample is the logit of its label less the largest other "
            "one; drawn is what nine samples in ten exceed."
        )
    return [Section("Norms of the weights", text, figures=figures)] if figures else []


def _corruption_level(trainings: Trainings) -> list[Section]:
    lines = level_series(trainings.settings)
    if not lines:
        return []
    note = _note(
        trainings.settings,
        "Level 0 is true data. Times are means of the runs that fitted, hollow where not all did; "
        "bars reach from the lowest to the highest run; grey: the error of guessing.",
    )
    parts = [lines[first : first + _LINES] for first in range(0, len(lines), _LINES)]
    figures = [
        NamedFigure(
            "corruption_level",
            _from_to(line.network for line in part),
            corruption_level(part, note),
        )
        for part in parts
    ]
    text = [
        "Time to fit and test error against the level of corruption: the quantities of figures 1b "
        f"and 1c in Zhang et al. (2017), here on {data_note(trainings.runs)}."
    ]
    return [Section("Corruption level", text, trainings.warnings, figures=figures)]


def _size(trainings: Trainings) -> list[Section]:
    """Where there are networks of many sizes."""
    figures = []
    for sizes in sizes_of(trainings.settings):
        network = sizes.settings[0].runs[0].model
        drawn = "Bands reach from the lowest to the highest run; grey: samples × classes."
        figures.append(
            NamedFigure(
                f"size_{network}",
                f"{network_words(network)}: by size",
                errors_by_size(sizes, _note(sizes.settings, drawn)),
            )
        )
        means = "Means over seeds; a run that had stopped counts as it was."
        of_epochs = errors_by_size_and_epoch(sizes, trainings.curves, _note(sizes.settings, means))
        if of_epochs is not None:
            title = f"{network_words(network)}: by size and epoch"
            figures.append(NamedFigure(f"size_and_epoch_{network}", title, of_epochs))
    text = [
        "Errors by the number of weights, after the last epoch and on the way there. Where a "
        "network has just enough weights to fit its training set the test error can peak, and fall "
        "again beyond (Belkin et al. 2019, PNAS 116; Nakkiran et al. 2020, arXiv 1912.02292)."
    ]
    return [Section("Size of the network", text, figures=figures)] if figures else []


def _generalization(trainings: Trainings) -> Section:
    drawn = "Bars reach from the lowest to the highest run over the seeds."
    figures = [
        NamedFigure(
            "generalization",
            _from_to(setting.network for setting in part),
            generalization(part, trainings.legend, _note(part, drawn)),
        )
        for part in parts_of(trainings.settings)
    ]
    text = [
        "Steps until the training set was fitted (no point where no run did), test error, and the "
        "generalization gap: training accuracy less test accuracy."
    ]
    return Section("Fit and generalization", text, trainings.warnings, figures=figures)


def _class_accuracy(trainings: Trainings) -> list[Section]:
    drawn = (
        "Accuracies are over the test samples of a class in all runs. Grey bars: the share of the "
        "class among the test labels."
    )
    figures = _of_networks(
        "class_accuracy",
        trainings.confusions,
        lambda confusions, of: class_accuracy(confusions, trainings.legend, _note(of, drawn)),
    )
    text = [
        "Accuracy on the test samples of each class, over all seeds. Grey is the share of the "
        "class among the test labels: what blind predictions in the right proportions reach."
    ]
    return [Section("Accuracy by class", text, figures=figures)] if figures else []


def _confusion_matrices(trainings: Trainings) -> list[Section]:
    readable = [c for c in trainings.confusions if len(c.classes) <= MOST_CLASSES]
    if not trainings.confusions:
        return []
    title = "Confusion matrices"
    if not readable or sum(c.shares.size for c in readable) > _MOST_SHARES:
        left_out = "So many cells would fill this page: they are in arrays.npz of each run."
        return [Section(title, [left_out])]
    drawn = "Shades are shares of a true class, over its test samples in all runs."
    figures = _of_networks(
        "confusion_matrices",
        readable,
        lambda confusions, of: confusion_matrices(confusions, _note(of, drawn)),
    )
    return [Section(title, ["Rows are true classes, columns predictions."], figures=figures)]


def _confusions_over_epochs(trainings: Trainings) -> list[Section]:
    """Of the settings that recorded it (trainer.record_confusion)."""
    recorded = [c for c in trainings.confusions if recorded_epochs([c.setting])]
    if not recorded:
        return []
    title = "Confusion matrices by epoch"
    readable = [c for c in recorded if len(c.classes) <= MOST_CLASSES]
    most = min(_MOST_EPOCHS, _MOST_SHARES // max(sum(c.shares.size for c in readable), 1))
    if not readable or most < 2:
        left_out = "So many cells would fill this page: they are in arrays.npz of each run."
        return [Section(title, [left_out])]
    text = "The slider chooses the epoch. Rows are true classes, columns predictions."
    figures = _of_networks(
        "confusion_matrices_by_epoch", readable, lambda _, of: _over_epochs(of, most)
    )
    return [Section(title, [text], figures=figures)]


def _over_epochs(settings: list[Setting], most: int) -> Figure:
    """One network's matrices after at most so many epochs."""
    recorded = recorded_epochs(settings)
    epochs = evenly(recorded, most)
    by_epoch = [confusions_by_epoch(setting, epochs) for setting in settings]
    some = f" There are {len(epochs)} of {len(recorded):,} epochs, evenly chosen."
    drawn = (
        "Shades are shares of a true class, over its test samples in all runs, after the epoch "
        f"that the slider of the page shows; in the files after epoch {epochs[-1]:,}. A run that "
        f"had stopped counts with its last matrix.{some if len(epochs) < len(recorded) else ''}"
    )
    return confusions_over_epochs(by_epoch, epochs, _note(settings, drawn))


def _samples(trainings: Trainings) -> Section:
    samples = samples_of(trainings.settings, trainings.command)
    text = (
        "The same training samples under every corruption of the study. Where a label changed, "
        "the true and the new class stand below."
    )
    return Section(
        "Samples",
        [text] if samples.figures else [],
        [not_shown(line) for line in samples.missing],
        pictures=[
            Picture(f"samples_{name}", name, figure) for name, figure in samples.figures.items()
        ],
    )


def _settings_table(trainings: Trainings) -> Section:
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


def _paired_differences(trainings: Trainings) -> list[Section]:
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
    figure = paired_differences(found, trainings.legend, settings, _note(settings, drawn))
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


def _spread_by_part(trainings: Trainings) -> list[Section]:
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


def _runs_table(trainings: Trainings) -> Section:
    numbers = runs_table(trainings.settings)
    text = "Accuracies in per cent: on the labels trained on, and on the test set."
    return Section("Trainings", [text], table=readable_runs(numbers), numbers=numbers, stem="runs")


def _of_networks(
    stem: str, measured: Iterable[M], draw: Callable[[list[M], list[Setting]], Figure]
) -> list[NamedFigure]:
    """A figure of each network; where there are several, their files are named by it."""
    networks: dict[str, list[M]] = {}
    for one in measured:
        networks.setdefault(one.setting.network, []).append(one)
    return [
        NamedFigure(
            f"{stem}_{network}" if len(networks) > 1 else stem,
            network_words(network),
            draw(members, [one.setting for one in members]),
        )
        for network, members in networks.items()
    ]


def _note(settings: Sequence[Setting], drawn: str) -> str:
    """Below a figure: the network, if it is one, the data, n, and what is drawn."""
    runs = [run for setting in settings for run in setting.runs]
    networks = list(dict.fromkeys(setting.network for setting in settings))
    on = f"{network_words(networks[0])} on " if len(networks) == 1 else ""
    n = sorted({len(setting.runs) for setting in settings})
    seeds = f"{n[0]} to {n[-1]} seeds" if len(n) > 1 else many(n[0], "seed")
    return " ".join(filter(None, [f"{on}{data_note(runs)}; {seeds}.", drawn, threshold_note(runs)]))


def _from_to(networks: Iterable[str]) -> str:
    names = [network_words(network) for network in dict.fromkeys(networks)]
    return names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"
