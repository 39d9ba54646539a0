"""Published curves that runs of ours can be drawn beside."""

import pandas

from nullfit.results.published.figures import published_numbers
from nullfit.results.published.setup import has_its_settings, matches
from nullfit.results.study import Run

_RUNNING, _EXACT = "train/running_accuracy", "train/accuracy"


def published_curves(run: Run) -> pandas.DataFrame:
    """Published points of runs such as this one, by ``metric``, ``epoch``, ``value``, ``source``.

    Only of those made with the same settings, on the same data or a copy of it, and not beyond the
    epochs of the run. The accuracy of the batches while training stands for the exact one, as in
    our own curves.
    """
    rows = [
        {
            "metric": _EXACT if point.quantity == _RUNNING else point.quantity,
            "epoch": point.epoch,
            "value": point.value,
            "source": point.source,
        }
        for point in published_numbers()
        if point.epoch is not None and point.epoch <= run.result.get("epochs", 0)
        if matches(run, point) and has_its_settings(run, point)
    ]
    return pandas.DataFrame(rows, columns=["metric", "epoch", "value", "source"])
