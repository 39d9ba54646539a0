"""The report's section on factorizations: slices, heat maps, and what it says of them."""

import numpy as np
import pytest

from nullfit.tasks.factorization.factorization_map import error_maps
from nullfit.tasks.factorization.factorization_settings import (
    axes_of,
    best,
    by_matrix,
    elsewhere,
    slices,
)
from nullfit.tasks.factorization.figures import factorization
from nullfit.tasks.factorization.section import sections
from tests.report.by_hand import material
from tests.tasks.factorization.conftest import run


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


def test_where_the_best_has_no_neighbour_an_axis_runs_through_the_next_best_place(tmp_path) -> None:
    """The grids of an exercise: penalties at rank 2, shares at rank 3, which is worse."""
    runs = [run(tmp_path, 1.0 + u, lambda_u=u) for u in (0.1, 1.0)]
    runs += [run(tmp_path, 2.0, rank=3, lambda_u=u) for u in (0.1, 1.0)]
    runs += [run(tmp_path, 1.8 - p, rank=3, lambda_u=1.0, train_share=p) for p in (0.5, 0.9)]
    (settings,) = by_matrix(runs).values()
    assert best(settings).values["rank"] == 2
    (shares,) = slices(settings, "train_share").values()
    assert [s.values["train_share"] for s in shares] == [0.5, 0.8, 0.9]
    assert elsewhere(settings, "train_share") == {"rank": 3.0, "lambda_u": 1.0}
    assert elsewhere(settings, "rank") == elsewhere(settings, "lambda_u") == {}
    figure = factorization(settings, "")
    assert [panel.title for panel in figure.panels] == [
        *["mean squared error"] * 3, "mean squared error at K = 3, λ = 1",
    ]  # fmt: skip
    assert "unless a panel's title says otherwise" in str(section(runs).figures[0].figure.note)


def test_an_axis_along_which_nothing_changes_alone_has_no_panel(tmp_path) -> None:
    runs = [run(tmp_path, 1.0, rank=k, train_share=p) for k, p in ((2, 0.5), (3, 0.6))]
    (settings,) = by_matrix(runs).values()
    assert slices(settings, "rank") == {}
    assert len(factorization(settings, "").panels) == 1


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
    assert errors.ranks[errors.lowest[0]] == errors.true_rank == 2


def section(runs):
    (made,) = sections(material(runs))
    return made


def test_the_section_has_a_row_for_each_setting_and_all_figures(grid, tmp_path) -> None:
    other = run(tmp_path, 0.5, source="b<b>.csv")
    found = section([*grid, other])
    assert found.table is not None
    assert len(found.table) == 10
    assert [(figure.stem, figure.title) for figure in found.figures] == [
        ("factorization_1", "a.csv: errors"),
        ("factorization_1_map", "a.csv: K × λ, true entries"),
        ("factorization_2", "b<b>.csv: errors"),
    ]
    assert "the lowest test error, 1.2, stands at K = 2, λ = 0.1. The true rank is 2" in "".join(
        found.text
    )
    note = found.figures[0].figure.note
    assert "Data: a.csv. Mean over the seeds (n ≤ 2)." in note
    assert "K = 2, λ = 0.1, p = 0.8. Grey: the variance of the noise and the true rank." in note
    assert "Trained on true entries" in found.figures[1].figure.note


def test_a_single_run_has_a_section_without_a_choice_to_warn_of(tmp_path) -> None:
    found = section([run(tmp_path, 0.5)])
    assert found.warnings == []
    assert len(found.figures) == 1


def test_runs_on_true_entries_that_are_worse_than_the_mean_are_counted(grid, tmp_path) -> None:
    found = section(grid)
    worse = sum(
        r.result["metrics"]["test/mse"] > 1.5 for r in grid if "gaussian" not in r.folder.name
    )
    (told,) = [warning for warning in found.warnings if "predicting" in warning]
    assert told.startswith(f"{worse} of {len(grid) - 2} runs on true entries")
    fine = section([run(tmp_path, 0.5, source="fine.csv")])
    assert not fine.warnings
