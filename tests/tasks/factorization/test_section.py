"""The report's section on factorizations: slices, heat maps, and what it says of them."""

from pathlib import Path

import numpy as np
import pytest

from nullfit.results.task_run import TaskRun
from nullfit.tasks.factorization.factorization_map import error_maps
from nullfit.tasks.factorization.factorization_settings import axes_of, best, by_matrix, slices
from nullfit.tasks.factorization.section import section


def run(folder: Path, test: float, *, corruption="none", seed=0, source="a.csv", **values):
    fit = {"rank": 2, "lambda_u": 1.0, "lambda_v": 1.0, "train_share": 0.8, "iterations": 3}
    fit |= values
    if "lambda_u" in values:
        fit["lambda_v"] = values.get("lambda_v", values["lambda_u"])
    path = folder / "-".join(map(str, (corruption, seed, source, *fit.values())))
    path.mkdir()
    (path / "metrics.csv").write_text(
        "iteration,train/mse,test/mse\n" + "".join(f"{n},{test / 2},{test}\n" for n in (1, 2, 3))
    )
    known = {"baseline_mse": 1.5, "true_rank": 2, "noise_variance": 0.1}
    return TaskRun(
        path,
        {
            "data": {"name": "ratings", "source": source},
            "corruption": {"name": corruption, "entries_changed": 1.0, "fraction": 1.0},
            "metrics": {"train/mse": test / 2, "test/mse": test},
            "factorization": {**fit, **known},
        },
        {"seed": seed, "c": corruption, "data": source, "factorization": fit},
    )


@pytest.fixture
def grid(tmp_path: Path) -> list[TaskRun]:
    """Two seeds of three ranks × two penalties, a lucky run on other entries, noise by rank."""
    runs = [
        run(tmp_path, 1.0 + abs(rank - 2) + penalty + 0.2 * seed, rank=rank, lambda_u=penalty,
            seed=seed)
        for rank in (1, 2, 3) for penalty in (0.1, 1.0) for seed in (0, 1)
    ]  # fmt: skip
    runs.append(run(tmp_path, 0.01, train_share=0.9, lambda_u=0.1))
    noise = {"corruption": "gaussian_entries", "lambda_u": 0.1}
    runs += [run(tmp_path, 3.0 + rank, rank=rank, **noise) for rank in (1, 2)]
    return runs


def test_the_best_is_chosen_where_most_were_tried(grid) -> None:
    (settings,) = by_matrix(grid).values()
    assert len(settings) == 6 + 1 + 2
    assert best(settings).values == {
        "rank": 2, "lambda_u": 0.1, "lambda_v": 0.1, "train_share": 0.8, "iterations": 3,
    }  # fmt: skip
    assert best(settings).spread("test/mse").mean == pytest.approx(1.2)
    assert best(settings).spread("test/mse").n == 2


def test_a_slice_changes_one_key_and_holds_the_others(grid) -> None:
    (settings,) = by_matrix(grid).values()
    assert axes_of(settings) == ["rank", "lambda_u", "train_share"]
    ranks = slices(settings, "rank")
    assert list(ranks) == ["true entries", "Gaussian entries"]
    assert [s.values["rank"] for s in ranks["true entries"]] == [1, 2, 3]
    assert {s.values["lambda_u"] for s in ranks["true entries"]} == {0.1}
    shares = slices(settings, "train_share")
    assert [s.values["train_share"] for s in shares["true entries"]] == [0.8, 0.9]


def test_penalties_that_differ_between_the_factors_are_two_axes(tmp_path) -> None:
    runs = [run(tmp_path, 1.0, lambda_u=u, lambda_v=v) for u in (1.0, 2.0) for v in (1.0, 2.0)]
    (settings,) = by_matrix(runs).values()
    assert axes_of(settings) == ["lambda_u", "lambda_v"]


def test_the_map_holds_means_over_seeds_and_finds_the_rank(grid) -> None:
    (settings,) = by_matrix(grid).values()
    (errors,) = error_maps(settings)
    assert errors.ranks == [1, 2, 3]
    assert errors.penalties == [0.1, 1.0]
    np.testing.assert_allclose(errors.test, [[2.2, 3.1], [1.2, 2.1], [2.2, 3.1]])
    np.testing.assert_allclose(errors.train, errors.test / 2)
    assert errors.best_rank == errors.true_rank == 2


def test_the_section_has_a_row_for_each_setting_and_all_figures(grid, tmp_path) -> None:
    other = run(tmp_path, 0.5, source="b<b>.csv")
    found = section([*grid, other])
    assert found.table is not None
    assert len(found.table) == 10
    assert set(found.printed) == {"factorization_1", "factorization_1_map", "factorization_2"}
    assert [name for name, _ in found.plots] == [
        "a.csv: errors", "a.csv: K × λ, true entries", "b<b>.csv: errors",
    ]  # fmt: skip
    assert "the lowest test error, 1.2, stands at K = 2, λ = 0.1. The true rank is 2" in "".join(
        found.text
    )
    for name, figure in found.printed.items():
        figure.savefig(tmp_path / f"{name}.png")
    for _, plot in found.plots:
        assert plot.to_json()


def test_a_single_run_has_a_section_without_a_choice_to_warn_of(tmp_path) -> None:
    found = section([run(tmp_path, 0.5)])
    assert found.warnings == []
    assert len(found.printed) == len(found.plots) == 1
