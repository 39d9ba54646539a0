"""The report's section on SGD and the least norm: curves, levels, and what did not converge."""

from pathlib import Path

import numpy as np
import pytest

from nullfit.report.section import TaskRun
from nullfit.results.result import write_arrays
from nullfit.tasks.implicit_regularization.figure import Path as Way
from nullfit.tasks.implicit_regularization.figure import draw_implicit_regularization
from nullfit.tasks.implicit_regularization.section import section

STEPS = np.array([0.0, 1.0, 10.0, 100.0])


def run(folder: Path, *, start: bool = True, converged: bool = True) -> TaskRun:
    metrics = {
        "distance": 1e-3, "minimum_norm": 2.0, "solution_norm": 2.0, "test/error": 0.25,
        "test/error_minimum_norm": 0.2,
    }  # fmt: skip
    arrays = {"step": STEPS, "distance": 1 / (1 + STEPS), "norm": STEPS / 100}
    arrays["test_error"] = 0.01 * STEPS
    if start:
        metrics |= {"start/norm": 2.8, "start/unseen": 0.98, "start/distance_to_own": 1e-3}
        arrays |= {f"start_{name}": 1 + STEPS for name in ("distance", "norm", "test_error")}
    write_arrays(folder, **arrays)
    result = {
        "task": "implicit_regularization", "seed": 0, "steps": 100, "metrics": metrics,
        "data": {"name": "digits", "train_samples": 30},
        "corruption": {"name": "none"},
        "implicit_regularization": {
            "features": "raw", "dimensions": 64, "tolerance": 1e-3, "converged": converged,
            "smallest_singular_value": 0.1, "largest_singular_value": 10.0,
        },
    }  # fmt: skip
    return TaskRun(folder, result, {})


def test_curves_and_levels(tmp_path):
    way = Way.of(run(tmp_path / "a"))
    assert way.name == "30 digits, 64 raw features, true labels"
    distance, norm, test = draw_implicit_regularization([way], "note").axes
    zero, elsewhere, level = test.lines
    np.testing.assert_allclose(zero.get_ydata(), STEPS[1:])  # per cent, without step 0
    np.testing.assert_allclose(elsewhere.get_ydata(), 100 * (1 + STEPS[1:]))
    assert level.get_ydata()[0] == pytest.approx(20)
    assert norm.lines[-1].get_ydata()[0] == 1
    assert distance.lines[-1].get_ydata()[0] == 0.98
    assert distance.get_yscale() == distance.get_xscale() == "log"


def test_table_and_warning(tmp_path):
    made = section([run(tmp_path / "a"), run(tmp_path / "b", start=False, converged=False)])
    assert made.table is not None
    assert made.table["norm, random start"].tolist() == ["2.8", "–"]
    (warning,) = made.warnings
    assert warning.startswith("b: the descent ended 0.001 of the least norm away")
    assert "0.01 times the largest" in warning
    assert [name for name, _ in made.plots] == ["a", "b"]
    assert [len(figure.data) for _, figure in made.plots] == [2 + 3 + 3, 1 + 2 + 2]
    assert set(made.printed) == {"implicit_regularization_1"}
