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


def lines_of(text: str, separator: str, decimal: str = ".", heading: str = "") -> str:
    """Ratings by 40 users of 30 items, of each pair one or none, in the order of ``text``."""
    random = np.random.default_rng(0)
    rows = []
    for cell in random.choice(40 * 30, 300, replace=False):
        rating = f"{random.integers(1, 11) / 2:g}".replace(".", decimal)
        values = {"user": cell % 40 + 100, "item": cell // 40 + 200, "rating": rating}
        values["time"] = 978_000_000 + int(cell)
        rows.append(separator.join(str(values[name]) for name in text.split()))
    return "\n".join([*([heading] if heading else []), *rows]) + "\n"


MOVIELENS = "user item rating time"
LISTS = {
    "ratings.csv": lines_of(MOVIELENS, ",", heading="userId,movieId,rating,timestamp"),
    "u.data": lines_of(MOVIELENS, "\t"),
    "ratings.dat": lines_of(MOVIELENS, "::"),
    "no times": lines_of("user item rating", "\t"),
    "blanks": lines_of("user item rating", " "),
    "decimal commas": lines_of("user item rating", ";", ","),
    "another order": lines_of("item rating user", ",", heading="ISBN,Book-Rating,User-ID"),
    "lines of Windows": lines_of(MOVIELENS, "::").replace("\n", "\r\n"),
    "a byte order mark": "\ufeff"
    + lines_of(MOVIELENS, ",", heading="userId,movieId,rating,timestamp"),
}


@pytest.mark.parametrize("content", LISTS.values(), ids=list(LISTS))
def test_a_list_of_ratings_is_the_matrix_of_its_users_and_items(tmp_path, content) -> None:
    found = read_ratings(written(tmp_path, content), header=False, index=False)
    expected = lines_of("user item rating", " ").split("\n")[:-1]
    triples = sorted(tuple(map(float, line.split())) for line in expected)
    read = zip(
        found.row_names[found.rows], found.column_names[found.columns], found.values, strict=True
    )
    assert [tuple(map(float, triple)) for triple in read] == triples
    assert found.shape == (len({t[0] for t in triples}), len({t[1] for t in triples}))
    assert found.reading.startswith("a list of ")


def test_what_is_left_out_of_a_list_is_said(tmp_path) -> None:
    read = {name: read_ratings(written(tmp_path, LISTS[name]), False, False) for name in LISTS}
    assert read["ratings.csv"].reading == (
        "a list of rating by userId (rows) and movieId (columns), timestamp left out, separated by "
        "','"
    )
    assert "column 4 (times) left out, separated by '::'" in read["ratings.dat"].reading
    assert "left out" not in read["no times"].reading


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("columns", [3, 4, 7])
def test_a_matrix_stays_one(tmp_path, separator, columns) -> None:
    random = np.random.default_rng(1)
    matrix = random.integers(1, 6, (200, columns))
    lines = [separator.join(map(str, row)) for row in matrix.tolist()]
    found = read_ratings(written(tmp_path, "\n".join(lines)), header=False, index=False)
    assert found.shape == (200, columns)
    assert found.values.tolist() == matrix.ravel().tolist()


def test_the_layout_can_be_set(tmp_path) -> None:
    path = written(tmp_path, "1,2,3\n2,1,5\n1,1,4\n")
    assert read_ratings(path, header=False, index=False).shape == (3, 3)
    listed = read_ratings(path, header=False, index=False, layout="list")
    assert (listed.shape, listed.values.tolist()) == ((2, 2), [4, 3, 5])
    path = written(tmp_path, LISTS["u.data"])
    assert read_ratings(path, header=False, index=False, layout="matrix").shape == (300, 4)


def test_decimal_commas_and_unobserved_cells_of_a_matrix(tmp_path) -> None:
    found = read_ratings(written(tmp_path, ";0,5;\n1,5;;2\n"), header=False, index=False)
    assert found.shape == (2, 3)
    assert found.values.tolist() == [0.5, 1.5, 2]
