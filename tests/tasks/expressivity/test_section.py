"""The report's section on the constructed networks."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nullfit.results.grouping import groups_of
from nullfit.results.result import write_arrays
from nullfit.results.task_run import TaskRun
from nullfit.tasks.expressivity.construction import construct
from nullfit.tasks.expressivity.figures import Along, accuracies_and_residuals, function
from nullfit.tasks.expressivity.section import sections
from tests.charts.drawn import NAUGHTY, draw, entries_of, frames_of
from tests.report.by_hand import material


def run(
    folder: Path,
    samples: int,
    seed: int = 0,
    corruption: str = "none",
    residual=1e-9,
    data="digits",
):
    random = torch.Generator().manual_seed(seed)
    images = torch.rand(samples, 1, 3, 3, generator=random)
    labels = torch.randint(4, (samples,), generator=random)
    made = construct(images, labels, 4, seed=seed, directions=3)
    path = folder / f"{corruption}-{samples}-{seed}"
    write_arrays(
        path,
        projections=made.projections.numpy(),
        targets=made.targets.numpy(),
        biases=made.network.biases.numpy(force=True),
        weights=made.network.weights.numpy(force=True),
    )
    result = {
        "seed": seed,
        "data": {"name": data, "train_samples": samples, "largest_test_class": 0.3},
        "model": {"parameters": 2 * samples + 9},
        "corruption": {"name": corruption, "labels_changed": 0.7, "images_changed": 0.0},
        "metrics": {
            "train/accuracy": 1.0,
            "test/accuracy": 0.25 + seed / 100,
            "train/largest_residual": residual,
        },
    }
    config = {
        "seed": seed,
        "data": {"name": data, "train_limit": samples},
        "corruption": corruption,
    }
    return TaskRun(path, result, config)


def section(runs):
    (made,) = sections(material(runs))
    return made


def test_rows_by_samples_with_the_spread_over_seeds(tmp_path) -> None:
    runs = [run(tmp_path, n, seed) for n in (90, 10) for seed in (0, 2)]
    found = section([*runs, run(tmp_path, 10, corruption="random_labels")])
    assert found.table is not None
    assert found.table["samples"].tolist() == ["10", "90", "10"]
    assert found.table["weights"].tolist() == ["29", "189", "29"]
    assert found.table["test %"][0] == "26.0 (25.0 … 27.0)"
    assert [(named.stem, named.title) for named in found.figures] == [
        ("expressivity", "accuracy and residual"),
        ("expressivity_function", "the function: digits, random labels, n = 10"),
    ]
    assert found.warnings == []
    for named in found.figures:
        draw(named.figure)


def test_curves_against_samples_with_chance_and_half_a_label(tmp_path) -> None:
    runs = [run(tmp_path, n, seed) for n in (90, 10) for seed in (0, 2)]
    runs.append(run(tmp_path, 10, corruption="random_labels"))
    figure = accuracies_and_residuals(groups_of(runs), "note")
    assert entries_of(figure) == ["true labels", "random labels"]
    training, test, residual = map(frames_of, figure.panels)
    assert training[0]["mean"].tolist() == [1, 1, 1]
    chance, curves = test[:2]
    assert chance["value"].tolist() == [0.3]
    assert curves[["series", "samples"]].values.tolist() == [[0, 10], [1, 10], [0, 90]]
    assert curves["mean"].tolist() == pytest.approx([0.26, 0.25, 0.26])
    assert curves["high"].tolist() == pytest.approx([0.27, 0.25, 0.27])
    assert residual[0]["value"].tolist() == [0.5]
    one_point = test[3]
    assert one_point["series"].tolist() == [1]  # with a bar, since a band has no width


def test_one_number_of_samples_is_a_marker_in_each_panel(tmp_path) -> None:
    figure = accuracies_and_residuals(groups_of([run(tmp_path, 10)]), "note")
    assert [frames_of(panel)[-1]["samples"].tolist() for panel in figure.panels] == [[10]] * 3


def test_each_data_set_has_panels_of_its_own(tmp_path) -> None:
    runs = [run(tmp_path / name[0], 10, data=name) for name in ("digits", NAUGHTY)]
    figure = accuracies_and_residuals(groups_of(runs), NAUGHTY)
    assert [panel.title for panel in figure.panels[3:]] == [
        "digits: training accuracy",
        "digits: test accuracy",
        "digits: largest |c(x) − label|",
    ]
    assert entries_of(figure) == ["true labels"]
    svg, html = draw(figure)
    assert "<b>" not in svg + html


def test_the_function_goes_through_its_points(tmp_path) -> None:
    along = Along.of(run(tmp_path, 90))
    assert len(along.targets) == 60
    assert (np.diff(along.places) > 0).all()
    through = np.interp(along.projections, along.places, along.values)
    assert through == pytest.approx(along.targets, abs=1e-6)
    knots, points = frames_of(function(along, "note").panels[0])
    assert knots["value"].tolist() == along.values.tolist()
    assert points["value"].tolist() == along.targets.tolist()


def test_rounding_that_has_the_upper_hand_is_told(tmp_path) -> None:
    found = section([run(tmp_path, 10, residual=0.7)])
    assert found.warnings == [
        "none-10-0: the largest residual is 0.7, half a label or more: rounding has the upper hand."
    ]
