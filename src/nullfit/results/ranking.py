"""How well a score of each sample tells corrupted labels from untouched ones."""

import numpy as np
from jaxtyping import Bool, Float
from sklearn.metrics import roc_auc_score


def area_under_curve(scores: Float[np.ndarray, " n"], mask: Bool[np.ndarray, " n"]) -> float:
    """The chance that a corrupted sample scores above an untouched one; there are both."""
    return float(roc_auc_score(mask, scores))
