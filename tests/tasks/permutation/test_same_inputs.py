"""Columns that tell each other completely are found and named."""

from pathlib import Path

import numpy as np
import pandas
import pytest

from nullfit.data.sources.table import file_format, read_table
from nullfit.data.sources.table_data import Table
from nullfit.tasks.permutation.guidance import notes_of
from nullfit.tasks.permutation.same_inputs import same_inputs

ROWS = 120


def table(folder: Path, **columns: object) -> Table:
    random = np.random.default_rng(0)
    start = {"z": random.normal(size=ROWS), "y": random.normal(size=ROWS)}
    path = folder / "x.csv"
    pandas.DataFrame({**columns, **start}).to_csv(path, index=False)
    return read_table(
        path=str(path),
        target="y",
        problem="auto",
        drop=[],
        categorical=[],
        form=file_format(None),
        test_share=0.0,
    )


def pairs() -> dict[str, tuple[object, object, bool]]:
    random = np.random.default_rng(1)
    x = random.uniform(1, 2, ROWS)
    level = random.integers(0, 4, ROWS)
    names = np.array(["red", "green", "blue", "grey"])
    return {
        "in centimetres": (x.round(4), (2.54 * x).round(4), True),
        "reversed": (x, 5 - x, True),
        "logarithm": (x, np.exp(5 * x), True),
        "relabelled": (names[level], names[(level + 1) % 4], True),
        "numbered": (names[level], np.array([7, 3, 9, 1])[level], True),
        "with noise": (x, x + random.normal(0, 0.05, ROWS), False),
        "coarser": (names[level], np.array(["warm", "cold", "cold", "cold"])[level], False),
        "others": (x, random.permutation(x), False),
        "categories of others": (names[level], names[random.permutation(level)], False),
    }


@pytest.mark.parametrize("case", list(pairs()))
def test_what_tells_each_other_completely(tmp_path: Path, case: str) -> None:
    a, b, same = pairs()[case]
    assert same_inputs(table(tmp_path, a=a, b=b)) == ((("a", "b"),) if same else ())


def test_groups_of_more_than_two(tmp_path: Path) -> None:
    x = np.random.default_rng(2).normal(size=ROWS)
    w = np.arange(ROWS) % 3
    found = same_inputs(table(tmp_path, a=x, w=w, b=2 * x, c=-x, v=2 - w))
    assert found == (("a", "b", "c"), ("w", "v"))
    section = {"null": "conditional", "same_inputs": [list(names) for names in found]}
    first, second = notes_of(section)
    assert first.startswith("a, b and c tell each other completely: given the others, none")
    assert second.startswith("w and v tell")
    assert notes_of({"null": "labels"}) == []
