"""Runs whose file is read in another way have another identity; all others keep theirs."""

from pathlib import Path
from typing import Any

import pytest

from nullfit.config.identity import config_hash, identity

ROWS = "".join(f"{i}.5,{i % 3},{i % 2}\n" for i in range(12))
PLAIN = f"x,z,y\n{ROWS}"
TABLE = ("data=table", "data.target=y")
RATINGS = ("task=factorization",)
PAIRS = "".join(f"{100 + i // 5},{200 + i % 5},{i % 5 + 1}\n" for i in range(25))

CASES: dict[str, tuple[str, tuple[str, ...], bool]] = {
    "as before": (PLAIN, TABLE, False),
    "blanks around names": (PLAIN.replace(",", ", "), TABLE, False),
    "numbers": (PLAIN, ("data=table", "data.target=x"), False),
    "a comma behind every row": (PLAIN.replace("\n", ",\n").replace("y,", "y"), TABLE, True),
    "classes as floats": (
        PLAIN.replace("0\n", "0.0\n").replace("1\n", "1.0\n"),
        TABLE,
        True,
    ),
    "numbers as floats": (
        PLAIN.replace("0\n", "0.0\n").replace("1\n", "1.0\n"),
        (*TABLE, "data.problem=regression"),
        False,
    ),
    "decimal commas": (PLAIN.replace(",", ";").replace(".", ","), TABLE, True),
    "a matrix": ("1,2,,4\n3,,5,1\n2,2,1,\n", RATINGS, False),
    "a list": (PAIRS, RATINGS, True),
    "a list by its names": (f"userId,movieId,rating\n{PAIRS}", RATINGS, True),
    "a list as a matrix": (PAIRS, (*RATINGS, "data.layout=matrix"), False),
    "no file": ("", TABLE, False),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_read_otherwise(make_config: Any, tmp_path: Path, case: str) -> None:
    content, overrides, otherwise = CASES[case]
    path = tmp_path / "x.csv"
    path.write_text(content)
    plain = make_config(*overrides, f"data.path={path}").plain()
    assert ("revisions" in identity(plain)) is otherwise
    assert "revisions" not in identity(plain, content=False)


def test_the_separator_of_before_is_the_default_of_now(make_config: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(PLAIN)
    now = make_config(*TABLE, f"data.path={path}").plain()
    new = ("decimal", "encoding", "missing")
    before = {**now, "data": {k: v for k, v in now["data"].items() if k not in new}}
    before["data"]["separator"] = ","
    assert config_hash(before) == config_hash(now)
