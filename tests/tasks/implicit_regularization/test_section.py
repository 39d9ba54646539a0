"""The report's section on SGD and the least norm: curves, levels, and what did not converge."""

from pathlib import Path

import numpy as np

from nullfit.results.result import write_arrays
from nullfit.results.task_run import TaskRun
from nullfit.tasks.implicit_regularization.figures import descents
from nullfit.tasks.implicit_regularization.section import sections
from tests.charts.drawn import NAUGHTY, draw, entries_of, frames_of
from tests.report.by_hand import material

STEPS = np.array([0.0, 1.0, 10.0, 100.0])


def run(
    folder: Path, *, start: bool = True, converged: bool = True, seed: int = 0, data="digits"
) -> TaskRun:
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
        "task": "implicit_regularization", "seed": seed, "steps": 100, "metrics": metrics,
        "data": {"name": data, "train_samples": 30},
        "corruption": {"name": "none"},
        "implicit_regularization": {
            "features": "raw", "dimensions": 64, "tolerance": 1e-3, "converged": converged,
            "smallest_singular_value": 0.1, "largest_singular_value": 10.0,
        },
    }  # fmt: skip
    return TaskRun(folder, result, {"seed": seed, "start": start, "data": {"name": data}})


def section(runs):
    (made,) = sections(material(runs))
    return made


def test_curves_and_levels(tmp_path):
    figure = descents([run(tmp_path / "a")], "note")
    assert entries_of(figure) == ["SGD from zero", "SGD from a random start", "closed form"]
    distance, norm, test = map(frames_of, figure.panels)
    curves = test[0].groupby("series")
    assert curves.get_group(0)["step"].tolist() == STEPS[1:].tolist()  # without step 0
    np.testing.assert_allclose(curves.get_group(0)["mean"], 0.01 * STEPS[1:])
    np.testing.assert_allclose(curves.get_group(1)["mean"], 1 + STEPS[1:])
    assert curves.get_group(2)[["step", "mean"]].values.tolist() == [[1, 0.2], [100, 0.2]]
    assert norm[0].groupby("series").get_group(2)["mean"].tolist() == [1, 1]
    end, way = distance[:2]
    assert end["value"].tolist() == [0.98]
    assert set(way["series"]) == {0, 1}
    encoded = figure.panels[0].chart.layer[1].layer[0].encoding.to_dict()
    assert [encoded[axis]["scale"]["type"] for axis in "xy"] == ["log", "log"]


def test_seeds_share_a_figure_and_each_is_a_line(tmp_path):
    runs = [run(tmp_path / str(seed), seed=seed) for seed in (0, 1)]
    (named,) = section(runs).figures
    assert named.title == "30 digits, 64 raw features, true labels"
    assert named.figure.note.startswith(f"{named.title}: a line for each seed (n = 2). ")
    assert named.figure.note.endswith("Grey: the distance that the random start must keep.")
    frames = frames_of(named.figure.panels[1])
    assert [len(frame) for frame in frames[::2]] == [8, 8]  # the others are markers


def test_table_and_warning(tmp_path):
    made = section([run(tmp_path / "a"), run(tmp_path / "b", start=False, converged=False)])
    assert made.table is not None
    assert made.table["norm, random start"].tolist() == ["2.8", "–"]
    (warning,) = made.warnings
    assert warning.startswith("b: the descent ended 0.001 of the least norm away")
    assert "0.01 times the largest" in warning
    stems = [f"implicit_regularization_{number}" for number in (1, 2)]
    assert [named.stem for named in made.figures] == stems
    assert entries_of(made.figures[1].figure) == ["SGD from zero", "closed form"]


def test_names_from_users_are_text(tmp_path):
    (named,) = section([run(tmp_path / "a", data=NAUGHTY)]).figures
    assert NAUGHTY in named.figure.note
    svg, html = draw(named.figure)
    assert "<b>" not in svg + html
