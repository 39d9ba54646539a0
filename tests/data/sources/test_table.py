from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
import torch

from nullfit.data.sources.table import read_table, table
from nullfit.errors import UserError

SETTINGS: dict[str, Any] = {
    "target": "y",
    "problem": "auto",
    "drop": [],
    "categorical": [],
    "separator": ",",
    "test_share": 0.2,
}
ROWS = 40


def frame(**columns: Any) -> pandas.DataFrame:
    """A table with two inputs, a number and a category, and a target of numbers."""
    random = np.random.default_rng(0)
    start = {
        "size": random.normal(50, 9, ROWS),
        "colour": ["red", "green", "blue", "red"] * (ROWS // 4),
        "y": random.normal(size=ROWS),
    }
    return pandas.DataFrame({**start, **columns})


def write(folder: Path, content: pandas.DataFrame) -> str:
    path = folder / "x.csv"
    content.to_csv(path, index=False)
    return str(path)


def test_numbers_are_standardized_by_the_rows_trained_on(tmp_path: Path) -> None:
    read = read_table(path=write(tmp_path, frame()), **SETTINGS)
    kept = np.setdiff1d(np.arange(ROWS), read.held_out.numpy())
    sizes = frame()["size"].to_numpy()
    expected = (sizes - sizes[kept].mean()) / sizes[kept].std()
    torch.testing.assert_close(read.inputs[:, 0], torch.tensor(expected, dtype=torch.float32))
    assert len(read.held_out) == ROWS // 5


def test_a_column_is_a_block_of_inputs(tmp_path: Path) -> None:
    content = frame(garden=[True, False] * (ROWS // 2), zone=[1, 2, 3, 4] * (ROWS // 4))
    read = read_table(path=write(tmp_path, content), **{**SETTINGS, "categorical": ["zone"]})
    blocks = {column.name: column.positions.tolist() for column in read.columns}
    assert blocks == {"size": [0], "colour": [1, 2, 3], "garden": [4], "zone": [5, 6, 7, 8]}
    assert read.columns[1].levels == ("blue", "green", "red")
    assert read.inputs[:3, 1:4].tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    # Two levels need one input only: it is standardized.
    assert read.inputs[:2, 4].tolist() == pytest.approx([1, -1], abs=0.3)


@pytest.mark.parametrize(
    ("target", "problem", "classes"),
    [
        ([0.5, 1.5] * 20, "auto", ()),
        ([1, 2] * 20, "auto", ("1", "2")),
        (list(range(40)), "auto", ()),
        (list(range(11)) * 3 + list(range(7)), "auto", ()),
        (list(range(10)) * 4, "auto", tuple("0123456789")),
        ([1, 2] * 20, "regression", ()),
        ([0.5, 1.5] * 20, "classification", ("0.5", "1.5")),
        (["no", "yes"] * 20, "auto", ("no", "yes")),
        ([True, False] * 20, "auto", ("False", "True")),
    ],
)
def test_what_is_predicted(tmp_path: Path, target: list[Any], problem: str, classes: Any) -> None:
    path = write(tmp_path, frame(y=target))
    read = read_table(path=path, **{**SETTINGS, "problem": problem})
    assert read.classes == classes
    if classes:
        assert read.targets.dtype == torch.int64
        assert [read.classes[t] for t in read.targets] == [str(value) for value in target]
    else:
        assert float(read.targets.mean()) == pytest.approx(0, abs=1e-6)
        assert float(read.targets.std(correction=0)) == pytest.approx(1)


def test_classes_become_a_data_set_of_images_one_pixel_high(tmp_path: Path) -> None:
    path = write(tmp_path, frame(y=["no", "yes", "yes", "yes"] * (ROWS // 4)))
    dataset = table(path=path, **SETTINGS)
    assert dataset.train.shape == (1, 1, 4)
    assert (len(dataset.train), len(dataset.test)) == (32, 8)
    for split in (dataset.train, dataset.test):
        assert split.labels.float().mean() == 0.75


def missing(content: pandas.DataFrame) -> pandas.DataFrame:
    content.loc[3, "size"] = None
    return content


REFUSED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "no path": (None, {}, "data.path is not given"),
    "no target": (frame(), {"target": None}, "data.target is not given"),
    "no such file": (None, {"path": "nowhere.csv"}, "data.path=nowhere.csv: there is no such file"),
    "no such target": (frame(), {"target": "yy"}, "data.target=yy: .* Did you mean data.target=y"),
    "no such column": (frame(), {"drop": ["sze"]}, "data.drop=sze: .* Did you mean data.drop=size"),
    "no such category": (frame(), {"categorical": ["a"]}, "data.categorical=a: .* no such column"),
    "target dropped": (frame(), {"drop": ["y"]}, "data.drop names y, which is data.target"),
    "missing": (missing(frame()), {}, r"missing or infinite in size \(1\)"),
    "infinite": (frame(size=[np.inf] + [1.0] * 39), {}, r"missing or infinite in size \(1\)"),
    "constant": (frame(same=1), {}, r"never change tell nothing: same.\n.*data.drop=\[same\]"),
    "no inputs": (frame(), {"drop": ["size", "colour"]}, "data.drop leaves no input"),
    "one class": (frame(y="yes"), {}, "data.target=y is yes in every row"),
    "identifier": (frame(key=[f"k{i}" for i in range(ROWS)]), {}, r"key has 40 .*\n.*drop=\[key\]"),
    "too many classes": (
        frame(y=[f"c{i}" for i in range(ROWS)]),
        {},
        "40 different values in 40 rows, too many for classes",
    ),
    "text as numbers": (
        frame(y=["a", "b"] * 20),
        {"problem": "regression"},
        "data.problem=regression needs numbers; data.target=y holds 'a'",
    ),
    "other separator": (frame(), {"separator": ";"}, "one column only.*\n.*data.separator=';'"),
    "few rows": (frame().head(9), {}, "has 9 rows; a table needs at least 10"),
    "numbers are no classes": (frame(), {}, "data.target=y is a number"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(tmp_path: Path, case: str) -> None:
    content, changes, message = REFUSED[case]
    path = None if content is None else write(tmp_path, content)
    with pytest.raises(UserError, match=message):
        table(**{"path": path, **SETTINGS, **changes})


def test_a_table_brings_its_network_and_the_command_line_wins(make_config: Any) -> None:
    chosen = make_config("data=table")
    assert (chosen.model.name, chosen.optimizer.name) == ("mlp_table", "adam")
    own = make_config("data=table", "model=mlp_1x512", "optimizer=sgd", "optimizer.lr=0.3")
    assert (own.model.name, own.optimizer.name) == ("mlp_1x512", "sgd")
    assert own.optimizer.settings["lr"] == 0.3
