"""What the report says of classes: their accuracies, and what is taken for what."""

from nullfit.charts.figure import Figure
from nullfit.report.section import Section
from nullfit.results.confusion import confusions_by_epoch, evenly, recorded_epochs
from nullfit.results.settings import Setting
from nullfit.tasks.train.by_network import by_network, note_on
from nullfit.tasks.train.figure_classes import (
    MOST_CLASSES,
    class_accuracy,
    confusion_matrices,
    confusions_over_epochs,
)
from nullfit.tasks.train.trainings import Trainings

_MOST_SHARES = 500_000  # in all confusion matrices of the page, about 4 bytes each
_MOST_EPOCHS = 150  # of a slider: a hand tells no more apart


def class_accuracy_section(trainings: Trainings) -> list[Section]:
    """Accuracies on the test samples of each class."""
    drawn = (
        "Accuracies are over the test samples of a class in all runs. Grey bars: the share of the "
        "class among the test labels."
    )
    figures = by_network(
        "class_accuracy",
        trainings.confusions,
        lambda confusions, of: class_accuracy(confusions, trainings.legend, note_on(of, drawn)),
    )
    text = [
        "Accuracy on the test samples of each class, over all seeds. Grey is the share of the "
        "class among the test labels: what blind predictions in the right proportions reach."
    ]
    return [Section("Accuracy by class", text, figures=figures)] if figures else []


def confusion_section(trainings: Trainings) -> list[Section]:
    """Which classes are taken for which, unless there are too many."""
    readable = [c for c in trainings.confusions if len(c.classes) <= MOST_CLASSES]
    if not trainings.confusions:
        return []
    title = "Confusion matrices"
    if not readable or sum(c.shares.size for c in readable) > _MOST_SHARES:
        left_out = "So many cells would fill this page: they are in arrays.npz of each run."
        return [Section(title, [left_out])]
    drawn = "Shades are shares of a true class, over its test samples in all runs."
    figures = by_network(
        "confusion_matrices",
        readable,
        lambda confusions, of: confusion_matrices(confusions, note_on(of, drawn)),
    )
    return [Section(title, ["Rows are true classes, columns predictions."], figures=figures)]


def confusion_by_epoch_section(trainings: Trainings) -> list[Section]:
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
    figures = by_network(
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
    return confusions_over_epochs(by_epoch, epochs, note_on(settings, drawn))
