"""cleanlab's verdict on the labels, beside our mixture's; an optional extra.

Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels" (JAIR 70,
2021, arXiv 1911.00068): labels are ranked by the probability that a network which did not see the
sample gives to them, and flagged where confident predictions of another class outnumber them.
"""

import warnings
from typing import Any

import numpy as np

from nullfit.config.schema import RunConfig
from nullfit.data.randomized_data import RandomizedData
from nullfit.probes.loss_mixture.detection import detection, detection_text
from nullfit.probes.loss_mixture.out_of_sample import out_of_sample
from nullfit.results.findings import Findings
from nullfit.results.formats import percent


def cleanlab_ranking(config: RunConfig, data: RandomizedData, folds: int) -> Findings:
    """Rank and flag the training labels by cleanlab, on probabilities from ``folds`` networks."""
    from cleanlab.filter import find_label_issues  # noqa: PLC0415  # takes two seconds
    from cleanlab.rank import get_label_quality_scores  # noqa: PLC0415

    predicted = out_of_sample(config, data, folds)
    fields: dict[str, Any] = {"folds": folds, "out_of_sample_accuracy": predicted.accuracy}
    if not np.isfinite(predicted.probabilities).all():
        why = "no ranking: a network trained for it diverged"
        return Findings({**fields, "why": why}, lines=[f"cleanlab: {why}"])
    labels = data.train.labels.numpy(force=True)
    changed = data.train.label_changed.numpy(force=True)
    probabilities = predicted.probabilities.astype(np.float64)
    quality = get_label_quality_scores(labels, probabilities)
    with warnings.catch_warnings():  # one for each class that has few samples
        warnings.filterwarnings("ignore", message="May not flag all label issues in class")
        flagged = find_label_issues(labels, probabilities, n_jobs=1)
    fields |= {
        **detection(-quality, flagged, changed),
        "flagged": float(flagged.mean()),
    }
    return Findings(
        fields,
        {"cleanlab_quality": quality.astype(np.float32), "cleanlab_flagged": flagged},
        lines=[f"cleanlab: {percent(flagged.mean())}% of labels flagged, {detection_text(fields)}"],
        scores={"cleanlab_quality": quality},
    )
