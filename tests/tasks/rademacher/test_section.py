"""The report's section on random signs: what the curves are called, and where they stand."""

import pytest

from nullfit.results.result import write_arrays
from nullfit.results.task_run import TaskRun
from nullfit.tasks.rademacher.section import sections
from tests.charts.drawn import NAUGHTY, draw, entries_of, frames_of
from tests.report.by_hand import material

CURVES = [[-0.2, 0.4, 1.0], [0.0, 0.6, 0.8]]  # draws × evaluations


@pytest.fixture
def run(tmp_path):
    def of(name, model="mlp_1x512", corruption="none", seed=0, every=1, curves=CURVES):
        write_arrays(tmp_path / name, correlation_by_epoch=curves)
        result = {
            "task": "rademacher", "seed": seed, "model": {"name": model},
            "data": {"name": "digits", "train_samples": 200},
            "corruption": {"name": corruption},
            "metrics": {"train/correlation": 0.9, "test/correlation": 0.0, "gap_bound": None},
            "rademacher": {"draws": 2, "fitted": 1, "low": 0.8, "high": 1.0, "diverged": 0},
        }  # fmt: skip
        trainer = {"evaluate_every": every, "evaluate_train_every": None}
        return TaskRun(tmp_path / name, result, {"seed": seed, "trainer": trainer})

    return of


def figure_of(runs):
    (section,) = sections(material(runs))
    (named,) = section.figures
    assert (named.stem, named.title) == ("rademacher", "correlation")
    return named.figure


def test_curves_are_told_apart_in_words_and_in_grey(run):
    figure = figure_of(
        [run("a"), run("b", seed=1), run("c", model="cnn"), run("d", corruption="gaussian")]
    )
    assert entries_of(figure) == [
        "MLP 1×512, digits, n = 200",
        "MLP 1×512, digits, n = 200, seed 1",
        "CNN, digits, n = 200",
        "MLP 1×512, digits, n = 200, Gaussian",
    ]
    assert len({entry.look.dash for entry in figure.series}) == 4
    assert len({entry.look.marker for entry in figure.series}) == 4
    assert figure.note.endswith("draws (2); band: from the lowest to the highest. Data: digits.")


def test_runs_of_one_name_are_told_apart_by_their_folders(run):
    names = entries_of(figure_of([run("a"), run("b")]))
    assert names == [f"MLP 1×512, digits, n = 200, {folder}" for folder in "ab"]


def test_draws_are_thin_and_their_mean_has_a_band(run):
    figure = figure_of([run("a", every=5)])
    goal, draws, means = frames_of(figure.panels[0])[:3]
    assert goal["value"].tolist() == [1]
    assert draws.groupby("draw")["mean"].apply(list).tolist() == CURVES
    assert means["epoch"].tolist() == [5, 10, 15]
    assert means["mean"].tolist() == pytest.approx([-0.1, 0.5, 0.9])
    assert means["low"].tolist() == pytest.approx([-0.2, 0.4, 0.8])


def test_a_single_evaluation_is_seen(run):
    figure = figure_of([run("a", curves=[[0.5], [0.7]])])
    assert frames_of(figure.panels[0])[-1]["mean"].tolist() == pytest.approx([0.6])
    draw(figure)


def test_names_from_users_are_text(run):
    figure = figure_of([run("a", model=NAUGHTY)])
    assert "<b>" in entries_of(figure)[0]
    svg, html = draw(figure)
    assert "<b>" not in svg + html
