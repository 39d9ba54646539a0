"""What the report says of trainings epoch by epoch: accuracies, losses, norms."""

from collections.abc import Sequence

from nullfit.charts.appearance import network_words
from nullfit.report.section import NamedFigure, Section
from nullfit.results.curves import MARGIN, OF_LABELS, OF_WEIGHTS, Curves
from nullfit.results.settings import Setting
from nullfit.tasks.train.by_network import by_network, note_on
from nullfit.tasks.train.figure_learning_curves import (
    label_curves,
    learning_curves,
    norm_curves,
    start_curves,
)
from nullfit.tasks.train.trainings import Trainings

_MEANS = (
    "Curves are means over seeds, bands reach from the lowest to the highest run; a thin line goes "
    "on where all runs had stopped"
)


def learning_curves_section(trainings: Trainings) -> list[Section]:
    """Accuracies and losses of training and test set."""
    figures = by_network(
        "learning_curves",
        trainings.curves,
        lambda curves, of: learning_curves(
            curves, trainings.legend, note_on(of, f"{_MEANS}; {_published(curves)}grey: chance.")
        ),
    )
    text = [
        "The training loss is that of the batches while training. The training accuracy is exact "
        "where the whole training set was evaluated after the epoch (each time where that costs "
        "little beside the epoch, elsewhere with trainer.evaluate_train_every=1), else that of the "
        "batches as well. The test set is measured after each epoch."
    ]
    return [Section("Learning curves", text, figures=figures)] if figures else []


def starts_section(trainings: Trainings) -> list[Section]:
    """Trainings on the same data that begin with other weights, side by side."""
    groups: dict[tuple[str, str, str], list[Curves]] = {}
    for curves in trainings.curves:
        of = curves.setting
        groups.setdefault((of.runs[0].network, of.data, of.label), []).append(curves)
    figures = [
        NamedFigure(
            "starts" if len(groups) == 1 else f"starts_{model}_{data}_{label}",
            f"{network_words(model)}, {data}, {label}",
            start_curves(members, note_on([one.setting for one in members], f"{_MEANS}.")),
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


def label_curves_section(trainings: Trainings) -> list[Section]:
    """Where labels were changed: what is learnt first, and what is memorized later."""
    found = [curves for curves in trainings.curves if OF_LABELS[1] in curves.bands]
    figures = by_network(
        "label_curves",
        found,
        lambda curves, of: label_curves(curves, trainings.legend, note_on(of, f"{_MEANS}.")),
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


def norms_section(trainings: Trainings) -> list[Section]:
    """How the weights grow."""
    figures = by_network(
        "weight_norms",
        [curves for curves in trainings.curves if OF_WEIGHTS[0] in curves.bands],
        lambda curves, of: norm_curves(curves, trainings.legend, note_on(of, f"{_MEANS}.")),
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
