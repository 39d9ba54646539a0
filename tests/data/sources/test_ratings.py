"""Ratings from files and generated ones."""

from pathlib import Path

import numpy as np
import pandas
import pytest
import torch

from nullfit.data.sources import generated_ratings as module
from nullfit.data.sources.generated_ratings import generated_ratings
from nullfit.data.sources.ratings_file import read_ratings
from nullfit.errors import UserError


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "x.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize("block", [1, 2**22])
def test_empty_cells_are_unobserved_and_zeros_are_data(tmp_path, block, monkeypatch) -> None:
    monkeypatch.setattr("nullfit.data.sources.ratings_file._CELLS_PER_BLOCK", block)
    found = read_ratings(written(tmp_path, "1,,0\n,,\n2.5,NA,-3\n"), header=False, index=False)
    assert found.shape == (3, 3)
    assert found.rows.tolist() == [0, 0, 2, 2]
    assert found.columns.tolist() == [0, 2, 0, 2]
    assert found.values.tolist() == [1, 0, 2.5, -3]
    assert found.rank is None


def test_a_table_of_pandas_with_names_comes_back(tmp_path) -> None:
    frame = pandas.DataFrame([[1.0, np.nan], [np.nan, 4.0]], index=[7, 9], columns=[11, 12])
    frame.rename_axis("user").to_csv(tmp_path / "x.csv")
    found = read_ratings(tmp_path / "x.csv", header=True, index=True)
    assert found.shape == (2, 2)
    assert torch.stack([found.rows, found.columns]).T.tolist() == [[0, 0], [1, 1]]
    assert found.values.tolist() == [1, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", r"'a' in line 1, column 1 is no number\.\nIf the first line holds names"),
        ("1,2\nu,3\n", r"'u' in line 2, column 1 is no number\.\nIf the first column holds names"),
        ("1,2\n3,good\n", r"'good' in line 2, column 2 is no number\. Leave unobserved cells"),
        ("1,2\n3,4,5\n", r"line 2 has 3 cells, line 1 has 2"),
        ("1,inf\n3,4\n", r"row 1, column 2 is not finite"),
        ("1,\n,\n", r"1 observed entries in a matrix of 2 × 2"),
        ("", r"holds no rows"),
    ],
    ids=["header", "index", "word", "ragged", "infinite", "too few", "empty"],
)
def test_what_is_no_matrix_of_ratings_is_refused(tmp_path, text, message) -> None:
    with pytest.raises(UserError, match=message) as refusal:
        read_ratings(written(tmp_path, text), header=False, index=False)
    assert len(str(refusal.value).splitlines()) <= 2


def test_a_missing_file_is_refused(tmp_path) -> None:
    with pytest.raises(UserError, match=r"none\.csv cannot be read: No such file"):
        read_ratings(tmp_path / "none.csv", header=False, index=False)


def test_generated_ratings_have_the_rank_the_variance_and_the_share_they_say() -> None:
    whole = generated_ratings(200, 150, rank=4, noise=0.0, observed=1.0, seed=0)
    matrix = whole.values.view(200, 150)
    assert int(torch.linalg.matrix_rank(matrix)) == whole.rank == 4
    many = generated_ratings(3000, 2000, rank=64, noise=0.0, observed=0.01, seed=0)
    assert float(many.values.var()) == pytest.approx(1, abs=0.03)
    assert len(many) == pytest.approx(60_000, abs=5 * 60_000**0.5)


def test_noise_is_added_to_the_same_matrix() -> None:
    clean, noisy = (generated_ratings(300, 200, 3, noise, 0.5, seed=1) for noise in (0.0, 0.5))
    assert torch.equal(clean.rows, noisy.rows)
    added = noisy.values - clean.values
    assert float(added.var()) == pytest.approx(noisy.noise_variance, rel=0.05)


def test_every_cell_occurs_once_at_most_and_within_the_matrix(monkeypatch) -> None:
    monkeypatch.setattr(module, "_CELLS_PER_BLOCK", 70)
    found = generated_ratings(31, 17, 2, 0.1, 0.7, seed=0)
    cells = found.rows * 17 + found.columns
    assert torch.equal(cells, cells.unique())
    assert int(found.rows.max()) < 31
    assert int(found.columns.max()) < 17
