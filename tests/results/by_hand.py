"""Finished trainings that were never trained: their results and confusion matrices are given."""

import itertools

import numpy as np

from nullfit.results.result import write_arrays
from nullfit.results.study import Run, Study


def trained(
    folder, *, data="digits", corruption="none", seed=0, model="mlp", status="completed",
    test=0.9, train=1.0, epochs_to_fit=3, threshold=0.99, labels=None, probability=None,
    changed=0.0,
):  # fmt: skip
    """A run; ``labels`` counts the test labels of each class, None: no matrix was kept."""
    path = next(p for n in itertools.count() if not (p := folder / f"run{n}").exists())
    path.mkdir(parents=True)
    strength = {} if probability is None else {"probability": probability}
    classes = 10 if labels is None else len(labels)
    config = {
        **{"seed": seed, "task": {"name": "train"}, "model": {"name": model}},
        **{"data": {"name": data}, "corruption": {"name": corruption, **strength}},
    }
    result = {
        **{"status": status, "task": "train", "seed": seed, "model": {"name": model}},
        "data": {"name": data, "classes": classes, "train_samples": 500, "test_samples": 100},
        "corruption": {"name": corruption, "labels_changed": changed, **strength},
        "metrics": {"train/accuracy": train, "test/accuracy": test, "test_clean/accuracy": test},
        "fit": {
            **{"threshold": threshold, "epochs_to_fit": epochs_to_fit},
            "steps_to_fit": epochs_to_fit and 10 * epochs_to_fit,
        },
        **{"epochs": 5, "wall_seconds": 1.0},
    }
    if changed:
        result["metrics"]["train/accuracy_corrupted"] = train
    if labels is not None:
        matrix = np.zeros((classes, classes), dtype=int)
        matrix[:, 0] = labels  # all are taken for the first class
        write_arrays(path, confusion_matrix=matrix)
    columns = "epoch,step,lr,train/running_loss,train/accuracy,test/loss,test/accuracy"
    rows = [f"{epoch},{10 * epoch},0.1,1.0,{train},1.0,{test}" for epoch in range(1, 6)]
    (path / "metrics.csv").write_text("\n".join([columns, *rows]) + "\n")
    return Run(path, result, config)


def study_of(*runs):
    """A study of such runs."""
    return Study("study", runs[0].folder.parent, list(runs), [])
