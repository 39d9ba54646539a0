"""The report's section on kernels: settings over seeds, and the figure's points."""

from pathlib import Path

import pytest

from nullfit.report.section import TaskRun
from nullfit.tasks.kernel.figure import draw_kernels
from nullfit.tasks.kernel.kernel_settings import kernel_settings
from nullfit.tasks.kernel.section import section


def run(seed=0, corruption="none", features="raw", form="held", error=0.01, **settings) -> TaskRun:
    own = {"filters": 64} if features == "random_conv" else {}
    about = {"name": "gaussian", "gamma": 0.02, "ridge": 0.0, "features": features, "form": form}
    strength = {"probability": 1.0} if corruption == "random_labels" else {}
    result = {
        "task": "kernel",
        "seed": seed,
        "data": {"name": "mnist", "train_samples": 60_000},
        "corruption": {"name": corruption, "labels_changed": 0.9, **strength},
        "metrics": {"train/error": 0.0, "test/error": error, "solution_norm": 150.0 + seed},
        "kernel": {**about, **own},
    }
    config = {
        "seed": seed,
        "data": {"name": "mnist", "train_limit": None},
        "corruption": {"name": corruption, **strength},
        "kernel": {"name": "gaussian", "features": features, "filters": 64, **settings},
    }
    return TaskRun(Path(f"run{seed}"), result, config)


RUNS = [
    run(1, "random_labels", error=0.9),
    run(0),
    run(0, features="random_conv", filters=128),
    run(0, "random_labels", error=0.8),
    run(1),
]


def test_seeds_share_a_setting_and_true_labels_come_first():
    settings = kernel_settings(RUNS)
    raw, convolutions = "gaussian γ=0.02 on raw", "gaussian γ=0.02 on random conv, filters=128"
    found = [(s.name, s.label, len(s.runs)) for s in settings]
    assert found == [
        (raw, "true labels", 2),
        (raw, "random labels", 2),
        (convolutions, "true labels", 1),
    ]


def test_table_and_figures():
    made = section(RUNS)
    assert made.table is not None
    told = ["1.00 (1.00 … 1.00)", "85.00 (80.00 … 90.00)", "1.00"]
    assert made.table["test error %"].tolist() == told
    assert made.table["norm"].tolist()[2] == "150"
    assert made.warnings == []
    ((_, figure),) = made.plots
    assert len(figure.data) == 3 * 3
    assert set(made.printed) == {"kernels"}


def test_least_squares_are_no_interpolant():
    (warning,) = section([run(form="primal")]).warnings
    assert warning.startswith("Least squares, no interpolant")


def test_points_stand_at_the_means_in_per_cent():
    train, test, norm = draw_kernels(kernel_settings(RUNS), "note").axes
    assert [axes.get_xlabel() for axes in (train, test)] == ["training error (%)", "test error (%)"]
    means = [bars.lines[0].get_xdata()[0] for bars in test.containers]
    assert means == pytest.approx([1, 85, 1])
    assert norm.get_xscale() == "log"
    low, high = test.containers[1].lines[2][0].get_segments()[0][:, 0]
    assert (low, high) == pytest.approx((80, 90))
