"""How the losses of corrupted and of untouched samples lie, as figures show it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int64

from nullfit.probes.loss_mixture.mixture import Mixture
from nullfit.results.ranking import area_under_curve
from nullfit.results.stored_arrays import StoredArrays

_POINTS = 400  # of a component's curve


@dataclass(frozen=True)
class Separation(StoredArrays):
    """The scores (losses, in nats) of n samples and the components fitted to them.

    ``densities`` are those of the two components at ``places``, each times its weight; both are
    empty where no mixture could be fitted. ``areas`` are the areas under the ROC curve of the
    losses after each of ``epochs``, then of their mean up to there; NaN where there is none.
    """

    prefix: ClassVar[str] = "separation_"

    scores: Float32[np.ndarray, " n"]
    label_changed: Bool[np.ndarray, " n"]
    places: Float64[np.ndarray, " places"]
    densities: Float64[np.ndarray, "places 2"]
    epochs: Int64[np.ndarray, " epochs"]
    areas: Float64[np.ndarray, "epochs 2"]


def separation(
    losses: Float[np.ndarray, "epochs n"],
    epochs: list[int],
    scores: Float64[np.ndarray, " n"],
    label_changed: Bool[np.ndarray, " n"],
    mixture: Mixture | None,
) -> Separation:
    """The separation that a run's recorded losses show."""
    places = np.linspace(scores.min(), scores.max(), _POINTS if mixture is not None else 0)
    return Separation(
        scores=scores.astype(np.float32),
        label_changed=label_changed,
        places=places,
        densities=np.empty((0, 2)) if mixture is None else mixture.densities(places),
        epochs=np.array(epochs, dtype=np.int64),
        areas=_areas(losses, label_changed),
    )


def _areas(
    losses: Float[np.ndarray, "epochs n"], label_changed: Bool[np.ndarray, " n"]
) -> Float64[np.ndarray, "epochs 2"]:
    if not label_changed.any() or label_changed.all():
        return np.full((len(losses), 2), np.nan)
    total = np.zeros(losses.shape[1])
    areas = []
    for row in losses:
        total += row
        areas.append([area_under_curve(kind, label_changed) for kind in (row, total)])
    return np.array(areas)
