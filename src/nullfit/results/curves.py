"""Learning curves of a setting: the mean over its runs and how far they spread."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas
from jaxtyping import Float, Int

from nullfit.errors import UserError
from nullfit.results.published.curves import published_curves
from nullfit.results.settings import Setting
from nullfit.results.study import Run

# The training loss is that of the batches while training, as in figure 1a of Zhang et al. 2017:
# in evaluation mode batch norm's running statistics make it jump about in the first epochs.
METRICS = (
    *("train/running_loss", "train/accuracy"),
    *("val/loss", "val/accuracy", "test/loss", "test/accuracy"),
)
# Of the training set where labels were corrupted: by the labels that were left, by those that were
# changed, as they are trained on, and by the true ones.
OF_LABELS = ("train/accuracy_untouched", "train/accuracy_corrupted", "train/accuracy_true_labels")
# Of all weights together, of the product over tensors, and how far they have come.
OF_WEIGHTS = ("weights/norm", "weights/log_norm_product", "weights/distance_from_start")
# Known only where the whole training set was evaluated: of most runs at the end, which is no curve.
MARGIN = "train/margin"
_POINTS = 150  # a screen shows no more
_FIRST = 40  # epochs at the beginning, where most happens, that are all kept


@dataclass(frozen=True)
class Band:
    """A metric over epochs: mean, lowest and highest run. ``epochs`` count from 1."""

    epochs: Int[np.ndarray, " points"]
    mean: Float[np.ndarray, " points"]
    low: Float[np.ndarray, " points"]
    high: Float[np.ndarray, " points"]


@dataclass(frozen=True)
class Curves:
    """The curves of one setting by metric, how many steps an epoch has, and `published_curves`."""

    setting: Setting
    steps_per_epoch: float
    bands: dict[str, Band]
    published: pandas.DataFrame


def curves_of(settings: Iterable[Setting]) -> list[Curves]:
    """The curves of settings whose runs have a metrics.csv with finite values in it.

    Runs that diverged are in none of them: there is nothing that they have learned.
    """
    made = []
    for setting in settings:
        frames = [(run, epochs_of(run)) for run in setting.finite]
        there = [(run, frame) for run, frame in frames if frame is not None and len(frame)]
        if there:
            metrics = (*METRICS, *OF_LABELS, *OF_WEIGHTS)
            bands = {metric: _band(there, metric) for metric in metrics}
            bands[MARGIN] = _band([one for one in there if _is_curve(one[1], MARGIN)], MARGIN)
            last = there[0][1].iloc[-1]
            kept = {metric: band for metric, band in bands.items() if len(band.epochs)}
            if kept:
                steps = float(last["step"]) / float(last.name)
                made.append(Curves(setting, steps, kept, published_curves(there[0][0])))
    return made


def epochs_of(run: Run) -> pandas.DataFrame | None:
    """metrics.csv by epoch with infinities as NaN, or None if there is none that can be read."""
    try:
        frame = run.epochs().set_index("epoch")
    except UserError:
        return None
    frame = frame.loc[~frame.index.duplicated(keep="last")]
    return _with_running_accuracy(frame.replace([np.inf, -np.inf], np.nan))


def _with_running_accuracy(frame: pandas.DataFrame) -> pandas.DataFrame:
    """With the accuracy of the batches while training where the exact one was not measured."""
    exact, running = "train/accuracy", "train/running_accuracy"
    if not {exact, running} <= set(frame.columns):
        return frame
    return frame.assign(**{exact: frame[exact].fillna(frame[running])})


def _is_curve(frame: pandas.DataFrame, metric: str) -> bool:
    return metric in frame and int(frame[metric].count()) > 1


def _band(runs: Sequence[tuple[Run, pandas.DataFrame]], metric: str) -> Band:
    columns = {
        number: frame[metric].dropna()
        for number, (_, frame) in enumerate(runs)
        if metric in frame.columns
    }
    table = pandas.DataFrame(columns).sort_index()
    for number in columns:
        # A run that stopped once it had fitted counts with its last values.
        table[number] = table[number].ffill()
    table = table.iloc[kept(len(table))]
    return Band(
        table.index.to_numpy(dtype=int),
        table.mean(axis=1).to_numpy(dtype=float),
        table.min(axis=1).to_numpy(dtype=float),
        table.max(axis=1).to_numpy(dtype=float),
    )


def kept(rows: int) -> Int[np.ndarray, " points"]:
    """Positions of the rows to draw: the first ones and an even selection of the others."""
    if rows <= _POINTS:
        return np.arange(rows)
    others = np.linspace(_FIRST, rows - 1, _POINTS - _FIRST).round().astype(int)
    return np.concatenate([np.arange(_FIRST), others])
