"""The report's section on bounds: both kinds side by side for the same network."""

import pytest

from nullfit.report.bounds.section import sections
from nullfit.report.parts import runs_by_section
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun
from tests.charts.drawn import NAUGHTY, draw, entries_of, frames_of
from tests.report.by_hand import material


@pytest.fixture
def run(tmp_path):
    def of(name, task="pac_bayes", corruption="none", seed=0, parameters=100, model="mlp", **own):
        result = {
            "task": task, "seed": seed, "status": "completed",
            "model": {"name": model, "parameters": parameters},
            "data": {"name": "digits", "train_samples": 200},
            "corruption": {"name": corruption},
            "metrics": {"train/accuracy": 0.99, "test/accuracy": 0.95, "gap_bound": 1.25},
            "pac_bayes": {
                "empirical_error": 0.03, "empirical_error_bound": 0.04, "test_error": 0.05,
                "test_standard_error": 0.01, "bound": 0.2, "bound_of_mean_error": 0.18,
                "chance": 0.49, "confidence": 0.965, **own,
            },
        }  # fmt: skip
        return TaskRun(tmp_path / name, result, {"seed": seed})

    return of


def only(runs):
    (section,) = sections(material(runs))
    (named,) = section.figures
    assert (named.stem, named.title) == ("bounds", "errors and bounds")
    return section, named.figure


def test_bounds_stand_beside_errors(run) -> None:
    random = run("b", corruption="random_labels", bound=1.4, bound_of_mean_error=1.3, chance=0.5)
    section, figure = only([run("a"), random, run("c", task="rademacher")])
    assert entries_of(figure) == [
        "training error", "test error", "PAC-Bayes bound", "Rademacher bound",
    ]  # fmt: skip
    grey, rows, names = frames_of(figure.panels[0])[:3]
    assert grey["value"].tolist() == [0.49, 0.5, 1.0]
    assert names["group"].tolist() == ["true labels", "random labels"]
    assert rows["mean"].tolist() == pytest.approx([0.03, 0.05, 0.2, 1.26, 0.03, 0.05, 1.4, 1.26])
    assert rows["low"].tolist()[:3] == pytest.approx([0.03, 0.03, 0.18])
    assert rows["high"].tolist()[:3] == pytest.approx([0.04, 0.07, 0.2])
    table = section.table.set_index("run")
    assert table["PAC-Bayes bound %"].tolist() == ["20.0", "140.0 (says nothing)"]
    assert table["Rademacher bound %"].tolist() == ["126.0 (says nothing)"] * 2
    assert table["chance %"].tolist() == ["49.0", "50.0"]
    assert "96.5%" in figure.note
    draw(figure)


def test_signs_of_another_network_say_nothing_of_this_one(run) -> None:
    others = [
        run("b", task="rademacher", parameters=101),
        run("c", task="rademacher", model="cnn"),
    ]
    section, figure = only([run("a"), *others])
    assert "Rademacher bound" not in entries_of(figure)
    assert section.table["Rademacher bound %"].tolist() == ["–"]
    assert "takes a run of task=rademacher" in section.warnings[1]


def test_signs_that_were_not_fitted_bound_nothing(run) -> None:
    signs = run("b", task="rademacher")
    signs.result["metrics"]["gap_bound"] = None
    assert "Rademacher bound" not in entries_of(only([run("a"), signs])[1])


def test_runs_are_told_apart(run) -> None:
    section, _ = only([run("a"), run("b", seed=1), run("c", seed=1), run("d", model=NAUGHTY)])
    mlp = "true labels, MLP, seed"
    assert section.table["run"].tolist()[:3] == [f"{mlp} 0", f"{mlp} 1, b", f"{mlp} 1, c"]
    svg, html = draw(section.figures[0].figure)
    assert "<b>" not in svg + html


def test_it_is_there_where_a_run_of_pac_bayes_is(run, tmp_path) -> None:
    def study(*runs):
        return Study("s", tmp_path, [], [], list(runs))

    bounded, signs = run("a"), run("b", task="rademacher")
    assert runs_by_section(study(bounded, signs))["bounds"] == [bounded, signs]
    assert runs_by_section(study(bounded))["bounds"] == [bounded]
    assert "bounds" not in runs_by_section(study(signs))
    assert sections(material([signs])) == []
