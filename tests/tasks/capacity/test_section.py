"""The report's section on capacity: curves, bounds, and what they stand beside."""

import pytest

from nullfit.charts.appearance import MARKERS
from nullfit.results.task_run import TaskRun
from nullfit.tasks.capacity.section import sections
from tests.charts.drawn import draw, entries_of, frames_of
from tests.report.by_hand import material


@pytest.fixture
def run(tmp_path):
    def of(width, samples, *, depth=1, classes=2, seed=0, lr=0.1, bound=False, epochs=50):
        parameters = 23 * width + 2
        failed = None if bound else samples + 1
        failing = {"samples": failed, "epochs": epochs, "most_epochs": 100}
        result = {
            "task": "capacity", "seed": seed, "model": {"name": "mlp"},
            "data": {"name": "gaussian", "input_shape": [1, 1, 20]},
            "corruption": {"name": "none"},
            "metrics": {
                "capacity/samples": samples,
                "capacity/samples_per_parameter": samples / parameters,
                "capacity/bits_per_parameter": samples / parameters,
            },
            "capacity": {
                "samples": samples, "failed": failed, "censored": bound,
                "parameters": parameters, "depth": depth, "width": width, "classes": classes,
                "draws": 5,
                "steps": [{**failing, "accuracies": [0.9, 1.0], "epochs_to_fit": [None, 7]}],
            },
        }  # fmt: skip
        hidden = [width] * depth
        config = {
            "seed": seed, "model": {"name": "mlp", "hidden": hidden}, "optimizer": {"lr": lr},
            "capacity": {"classes": classes}, "task": {"name": "capacity"},
        }  # fmt: skip
        return TaskRun(tmp_path / f"{hidden}{classes}{seed}{lr}", result, config)

    return of


def shown(runs):
    (section,) = sections(material(runs))
    (named,) = section.figures
    return section, named.figure


def test_depths_and_kinds_of_labels_are_told_apart_without_colour(run):
    runs = [
        run(4, 90),
        run(4, 80, depth=2),
        run(4, 40, classes=10),
        run(4, 30, depth=2, classes=10),
    ]
    _, figure = shown(runs)
    assert entries_of(figure) == [
        "random labels of 10 classes, 1 hidden layer",
        "random labels of 10 classes, 2 hidden layers",
        "random signs, 1 hidden layer",
        "random signs, 2 hidden layers",
    ]
    looks = [entry.look for entry in figure.series]
    assert looks[0].marker == looks[2].marker != looks[1].marker == looks[3].marker
    assert looks[0].color == looks[1].color != looks[2].color == looks[3].color
    draw(figure)


def test_seeds_are_a_mean_with_their_ends_and_networks_a_curve(run):
    section, figure = shown([run(4, 80), run(4, 100, seed=1), run(8, 200)])
    measured = frames_of(figure.panels[0])[2]
    assert measured["parameters"].tolist() == [94, 186]
    assert measured["mean"].tolist() == [90, 200]
    assert (measured["low"].tolist(), measured["high"].tolist()) == ([80, 200], [100, 200])
    assert section.table is not None
    assert section.table["samples"].tolist() == ["90 (80 … 100)", "200"]
    assert section.table["n"].tolist() == ["2", "1"]
    assert "n ≤ 2" in figure.note
    width = frames_of(figure.panels[1])[1]
    assert width["width"].tolist() == [4, 8]
    assert width["mean"].tolist() == pytest.approx([90 / 94, 200 / 186])


def test_lines_are_those_of_parameters_and_of_theorem_1(run):
    _, figure = shown([run(4, 80), run(8, 200)])
    equal, theorem = frames_of(figure.panels[0])[:2]
    assert equal["mean"].tolist() == pytest.approx(equal["parameters"].tolist())
    back = 2 * theorem["mean"] + 20  # 2n + d
    assert back.tolist() == pytest.approx(theorem["parameters"].tolist())
    assert len(theorem)


def test_what_all_samples_fitted_is_a_triangle_and_no_point_of_the_curve(run):
    section, figure = shown([run(4, 80), run(8, 150, bound=True), run(8, 150, seed=1, bound=True)])
    frames = frames_of(figure.panels[0])
    assert frames[2]["parameters"].tolist() == [94]
    assert frames[-1]["parameters"].tolist() == [186]
    layers = figure.panels[0].chart.to_dict()["layer"]
    assert layers[-1]["mark"]["shape"] == MARKERS["triangle_up"]
    assert "triangle_up" not in {entry.look.marker for entry in figure.series}
    assert section.table is not None
    assert section.table["samples"].tolist() == ["80", "≥ 150 (150 … 150)"]
    assert section.warnings == [
        "1 of 2 networks fitted all samples there were: their numbers (≥) are bounds, triangles in "
        "the figure."
    ]
    assert "Hollow triangles" in figure.note
    draw(figure)


def test_one_bound_alone_is_drawn(run):
    _, figure = shown([run(8, 150, bound=True)])
    draw(figure)


def test_linear_networks_have_no_width(run):
    section, figure = shown([run(0, 40, depth=0)])
    assert entries_of(figure) == ["random signs, linear"]
    assert len(figure.panels) == 1
    assert section.table is not None
    assert section.table.loc[0, ["width", "Theorem 1"]].tolist() == ["–", "–"]


def test_trainings_that_differ_are_told_apart(run):
    _, figure = shown([run(4, 80), run(4, 90, lr=0.01)])
    assert entries_of(figure) == [
        "optimizer.lr=0.01: random signs, 1 hidden layer",
        "optimizer.lr=0.1: random signs, 1 hidden layer",
    ]


def test_runs_that_were_still_learning_are_counted(run):
    section, _ = shown([run(4, 80), run(8, 200, epochs=100)])
    assert section.warnings == [
        "In 1 of 2 runs the networks that failed were still learning when their epochs were over: "
        "a larger trainer.max_epochs may find more."
    ]
