"""task=factorization."""

import csv
import json
from pathlib import Path

import numpy as np
import pandas
import pytest

from nullfit.config.components import typed_settings
from nullfit.errors import UserError
from nullfit.tasks.factorization.task import COLUMNS, factorization
from nullfit.tasks.factorization.verdict import worse_than_mean

SMALL = ("data.rows=120", "data.columns=90", "data.rank=3", "data.observed=0.4")


def run(make_config, tmp_path: Path, *overrides: str):
    config = make_config("task=factorization", "logger=csv", "trainer.progress=false", *overrides)
    folder = tmp_path / config.job
    settings = typed_settings(factorization, config.task_settings)
    return factorization(config, folder, **settings), folder


def test_a_result_with_a_row_for_each_iteration_and_both_factors(
    make_config, tmp_path, capsys
) -> None:
    given = (*SMALL, "factorization.rank=3", "factorization.iterations=7")
    result, folder = run(make_config, tmp_path, *given)
    with (folder / "metrics.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == COLUMNS
    assert [int(row["iteration"]) for row in rows] == list(range(1, 8))
    metrics = result["metrics"]
    assert float(rows[-1]["test/mse"]) == metrics["test/mse"]
    assert metrics["train/mse"] < 0.25 < metrics["test/mse"] < 0.4
    assert result["model"]["parameters"] == 3 * (120 + 90)
    assert result["factorization"]["true_rank"] == 3
    share = result["data"]["train_samples"] / (
        result["data"]["train_samples"] + result["data"]["test_samples"]
    )
    assert share == pytest.approx(0.8, abs=1e-3)
    with np.load(folder / "arrays.npz") as arrays:
        assert arrays["row_factors"].shape == (120, 3)
        assert arrays["column_factors"].shape == (90, 3)
    run(make_config, tmp_path, *given)
    assert "finished before, nothing to do" in capsys.readouterr().out


@pytest.mark.parametrize("corruption", ["shuffled_entries", "gaussian_entries"])
def test_fitting_noise_shows_in_the_training_error_and_not_in_the_test_error(
    make_config, tmp_path, corruption
) -> None:
    few, many = (
        run(
            make_config, tmp_path, *SMALL, f"corruption={corruption}", f"factorization.rank={rank}"
        )[0]
        for rank in (1, 12)
    )
    assert few["corruption"]["entries_changed"] > 0.99
    assert many["metrics"]["train/mse"] < 0.5 * few["metrics"]["train/mse"]
    for result in (few, many):
        assert result["metrics"]["test/mse"] > result["factorization"]["baseline_mse"]


def test_a_matrix_of_ones_own(make_config, tmp_path) -> None:
    u, v = np.array([1.0, 2, 3, 4]), np.array([1.0, 0, 2])
    frame = pandas.DataFrame(np.outer(u, v))
    frame.iloc[0, 2] = np.nan
    frame.to_csv(tmp_path / "mine.csv", header=False, index=False)
    result, _ = run(
        make_config,
        tmp_path,
        f"data.path={tmp_path / 'mine.csv'}",
        "factorization.rank=1",
        "factorization.lambda_u=0",
        "factorization.train_share=0.9",
    )
    assert result["data"] == {
        "name": "ratings",
        "source": str(tmp_path / "mine.csv"),
        "reading": "a matrix, separated by ',', data.layout=list if its lines are user, item, "
        "rating",
        "rows": 4,
        "columns": 3,
        "train_samples": 10,
        "test_samples": 1,
    }
    assert result["metrics"]["test/mse"] < 1e-12
    assert result["factorization"]["true_rank"] is None


def test_nothing_is_written_before_a_refusal(make_config, tmp_path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        run(make_config, tmp_path, f"data.path={tmp_path / 'none.csv'}")
    with pytest.raises(UserError, match="needs a matrix of ratings"):
        run(make_config, tmp_path, "data=digits")
    assert not list(tmp_path.iterdir())


def test_equal_seeds_give_equal_results_and_others_do_not(make_config, tmp_path) -> None:
    results = [
        run(make_config, tmp_path / str(number), *SMALL, f"seed={seed}")[0]["metrics"]
        for number, seed in enumerate((0, 0, 1))
    ]
    assert results[0] == results[1]
    assert results[0] != results[2]
    assert json.dumps(results[0])


def test_a_list_of_ratings_and_a_factorization_worse_than_the_mean(
    make_config, tmp_path, capsys
) -> None:
    random = np.random.default_rng(0)
    cells = random.choice(40 * 30, 400, replace=False)
    rows = [f"{c % 40 + 100},{c // 40 + 200},{random.integers(1, 6)},978300760" for c in cells]
    path = tmp_path / "ratings.csv"
    path.write_text("\n".join(["userId,movieId,rating,timestamp", *rows]))
    result, folder = run(
        make_config,
        tmp_path,
        f"data.path={path}",
        "factorization.rank=5",
        "factorization.lambda_u=0",
    )
    said = capsys.readouterr().out
    assert said.startswith("ratings.csv: a list of rating by userId (rows) and movieId (columns), ")
    assert "timestamp left out" in said
    assert "is worse than predicting the training mean for every entry" in said
    assert (result["data"]["rows"], result["data"]["columns"]) == (40, 30)
    with np.load(folder / "arrays.npz") as arrays:
        assert arrays["row_names"].tolist() == list(range(100, 140))
        assert arrays["column_names"].tolist() == list(range(200, 230))
    shrunk, _ = run(
        make_config, tmp_path, *SMALL, "factorization.rank=3", "factorization.iterations=9"
    )
    assert worse_than_mean(shrunk) is None
    assert "is worse than predicting" not in capsys.readouterr().out
