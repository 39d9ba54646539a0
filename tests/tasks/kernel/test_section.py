"""The report's section on kernels: groups over seeds, and the figure's points."""

from pathlib import Path

import pytest

from nullfit.results.task_run import TaskRun
from nullfit.tasks.kernel.figures import errors_and_norms
from nullfit.tasks.kernel.section import named_groups, sections
from tests.charts.drawn import NAUGHTY, draw, entries_of, frames_of
from tests.report.by_hand import material


def run(
    seed=0, corruption="none", features="raw", form="held", error=0.01, data="mnist", **settings
) -> TaskRun:
    own = {"filters": 64} if features == "random_conv" else {}
    about = {"name": "gaussian", "gamma": 0.02, "ridge": 0.0, "features": features, "form": form}
    strength = {"probability": 1.0} if corruption == "random_labels" else {}
    result = {
        "task": "kernel",
        "seed": seed,
        "data": {"name": data, "train_samples": 60_000, "largest_test_class": 0.1135},
        "corruption": {"name": corruption, "labels_changed": 0.9, **strength},
        "metrics": {"train/error": 0.0, "test/error": error, "solution_norm": 150.0 + seed},
        "kernel": {**about, **own},
    }
    config = {
        "seed": seed,
        "data": {"name": data, "train_limit": None},
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


def section(runs):
    (made,) = sections(material(runs))
    return made


def test_seeds_share_a_group_and_true_labels_come_first():
    raw, convolutions = "gaussian γ=0.02 on raw", "gaussian γ=0.02 on random conv, filters=128"
    found = [(name, group.label, len(group.runs)) for name, group in named_groups(RUNS)]
    assert found == [
        (raw, "true labels", 2),
        (convolutions, "true labels", 1),
        (raw, "random labels", 2),
    ]


def test_table_and_figure():
    made = section(RUNS)
    assert made.table is not None
    told = ["1.00 (1.00 … 1.00)", "85.00 (80.00 … 90.00)", "1.00"]
    assert made.table["test error %"].tolist() == told
    assert made.table["norm"].tolist()[2] == "150"
    assert made.warnings == []
    (named,) = made.figures
    assert (named.stem, named.title) == ("kernels", "errors and norms")
    assert named.figure.note == (
        "Mean over the seeds (n ≤ 2); bars from the lowest to the highest. "
        "Grey, where errors come near it: chance. Data: mnist (60,000 samples)."
    )


def test_least_squares_are_no_interpolant():
    (warning,) = section([run(form="primal")]).warnings
    assert warning.startswith("Least squares, no interpolant")


def test_points_stand_at_the_means_with_bars_over_the_seeds():
    figure = errors_and_norms(named_groups(RUNS), "note")
    assert entries_of(figure) == ["true labels", "random labels"]
    titles = ["training error", "test error", "norm of the solution"]
    assert [panel.title for panel in figure.panels] == titles
    chance, errors, _ = frames_of(figure.panels[1])
    assert chance["value"].tolist() == pytest.approx([0.8865])
    assert errors["series"].tolist() == [0, 1, 0]
    assert errors["mean"].tolist() == pytest.approx([0.01, 0.85, 0.01])
    assert errors[["low", "high"]].loc[1].tolist() == pytest.approx([0.8, 0.9])
    norms = figure.panels[2].chart.to_dict()["layer"][0]["encoding"]["x"]
    assert norms["scale"]["type"] == "log"


def test_names_from_users_are_text():
    runs = [run(0, NAUGHTY), run(0), run(0, data=NAUGHTY)]
    figure = section(runs).figures[0].figure
    assert NAUGHTY in entries_of(figure)
    svg, html = draw(figure)
    assert "<b>" not in svg + html


def test_a_run_without_a_metric_is_no_point():
    runs = [run(0), run(0, "random_labels")]
    del runs[1].result["metrics"]["train/error"]
    figure = errors_and_norms(named_groups(runs), "note")
    assert [len(frames_of(panel)[0]) for panel in figure.panels] == [1, 2, 2]


def test_small_errors_are_told_apart_and_chance_is_left_out():
    runs = [run(0, error=0.01), run(0, "random_labels", error=0.02)]
    panel = errors_and_norms(named_groups(runs), "note").panels[1]
    axis = panel.chart.to_dict()["layer"][0]["encoding"]["x"]
    assert axis["axis"]["values"] == [0, 0.005, 0.01, 0.015, 0.02]
    assert frames_of(panel)[0]["mean"].tolist() == [0.01, 0.02]


def waves(count, seed=0, corruption="none", error=0.1):
    made = run(seed, corruption, "random_fourier", "orthogonal", error, count=count)
    made.result["kernel"]["count"] = count
    return made


def test_numbers_of_waves_make_a_curve_of_their_own():
    errors = {10: 0.5, 1_000: 0.1, 60_000: 0.9, 90_000: 0.05}
    runs = [waves(count, seed, error=e) for count, e in errors.items() for seed in (0, 1)]
    runs += [waves(count, corruption="random_labels", error=0.9) for count in (10, 60_000)]
    kernels, curve = sections(material([*RUNS, *runs]))
    assert kernels.title == "Interpolation with kernels"
    assert len(kernels.table) == 3
    assert curve.title == "Double descent: gaussian γ=0.02, mnist (60,000 samples)"
    told = curve.table.set_index(["corruption", "where"])["features"].to_dict()
    assert told["true labels", "best below as many as samples"] == "1,000"
    assert told["true labels", "worst"] == "60,000"
    assert told["true labels", "best beyond"] == "90,000"
    (figure,) = curve.figures
    assert figure.stem == "double_descent"
    draw(figure.figure)
    threshold = frames_of(figure.figure.panels[1])[0]
    assert list(threshold["value"]) == [60_000]


def test_two_numbers_of_waves_are_two_kernels():
    (made,) = sections(material([waves(10), waves(100)]))
    assert list(made.table["kernel"]) == [
        "gaussian γ=0.02 on random fourier, count=10",
        "gaussian γ=0.02 on random fourier, count=100",
    ]
