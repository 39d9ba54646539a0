"""How well scores tell corrupted labels from untouched ones, against the true mask."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from sklearn.metrics import precision_score, recall_score

from nullfit.results.ranking import area_under_curve


def detection(
    scores: Float[np.ndarray, " n"], flagged: Bool[np.ndarray, " n"], mask: Bool[np.ndarray, " n"]
) -> dict[str, Any]:
    """Precision and recall of the flagged samples, and the area under the scores' ROC curve.

    All are fractions. Where nothing was corrupted (``mask``) none is defined, where everything was
    the area is not, and where nothing is flagged the precision is not: those are None.
    """
    some, all_of_it = bool(mask.any()), bool(mask.all())
    return {
        "precision": float(precision_score(mask, flagged)) if some and flagged.any() else None,
        "recall": float(recall_score(mask, flagged)) if some else None,
        "area_under_curve": area_under_curve(scores, mask) if some and not all_of_it else None,
    }


def detection_text(found: Mapping[str, Any]) -> str:
    """What `detection` found, in words."""
    named = {name: found[name] for name in ("precision", "recall", "area_under_curve")}
    parts = [f"{n.replace('_', ' ')} {v:.3f}" for n, v in named.items() if v is not None]
    return ", ".join(parts) or "none of them is"
