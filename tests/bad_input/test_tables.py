"""CSV files of rows and of ratings that cannot be used."""

from pathlib import Path

import pytest

from tests.bad_input.conftest import Refuse
from tests.bad_input.files import Make, rows, written

TABLE = ["data=table", "data.path=t.csv", "data.target=label", "data.batch_size=8"]
RATINGS = ["task=factorization", "data=ratings", "data.path=r.csv"]
GOOD = rows(40, "{i},{m},{c}")

OF_ROWS: dict[str, tuple[str | bytes | None, list[str], str]] = {
    "no file": (None, TABLE, "data.path=t.csv: there is no such file"),
    "a folder": (GOOD, [*TABLE, "data.path=."], "data.path=. is a folder"),
    "a file for an option": (
        GOOD,
        ["data=t.csv"],
        "data=t.csv does not exist. For that file: data=table data.path=t.csv data.target=…",
    ),
    "no path": (GOOD, ["data=table"], "data.path is not given"),
    "no target": (GOOD, TABLE[:2], "data.target is not given"),
    "unknown target": (GOOD, [*TABLE, "data.target=lable"], "Did you mean data.target=label?"),
    "empty": ("", TABLE, "data.path=t.csv cannot be read as CSV"),
    "no rows": (rows(0, ""), TABLE, "t.csv has 0 rows; a table needs at least 10"),
    "few rows": (rows(5, "{i},{m},{c}"), TABLE, "t.csv has 5 rows"),
    "missing values": (rows(20, "{i},,{c}"), TABLE, "infinite in y (20: empty, first in line 2)"),
    "missing labels": (
        rows(20, "{i},{m},"),
        TABLE,
        "infinite in label (20: empty, first in line 2).\nFill them in or delete those rows.\n",
    ),
    "infinite values": (
        rows(20, "{i},inf,{c}"),
        TABLE,
        "infinite in y (20: 'inf', first in line 2)",
    ),
    "ragged": (
        "x,y,label\n1,2,a\n1,2,3,4,a\n",
        TABLE,
        "line 3 has 5 fields, the heading (line 1) has 3",
    ),
    "another encoding": (bytes(range(1, 256)), TABLE, "is not in the encoding utf-8: see line 2"),
    "no text": (b"PK\3\4\0\0", TABLE, "it is no text (it has NUL characters)"),
    "an unknown encoding": (
        GOOD,
        [*TABLE, "data.encoding=utf9"],
        "data.encoding=utf9 is not known",
    ),
    "another separator": (GOOD, [*TABLE, "data.separator='|'"], "has one column only"),
    "rows too short": ("x,y,label\n1,2,a\n1,2\n", TABLE, "line 3 has 2 fields, the heading"),
    "names of rows": ("x,label\nr1,1,a\nr2,2,b\n", TABLE, "line 2 has 3 fields, the heading"),
    "equal names": ("x,y,x,label\n", TABLE, "columns 1 and 3 have the same name, 'x'"),
    "no names": (",,\n1,2,3\n", TABLE, "it has no heading in line 1"),
    "an endless quote": ('x,y,label\n1,"' + 70_000 * "2,\n", TABLE, "cannot be read as CSV"),
    "a comma of two meanings": (
        rows(20, '{i},"1,234",{c}'),
        TABLE,
        "column y: 1,234 may be 1234 or 1.234.\nSay which: \"data.decimal='.'\" or",
    ),
    "no separator": (GOOD, [*TABLE, "data.separator=''"], "it must be one character"),
    "a pattern for a separator": (
        GOOD,
        [*TABLE, "data.separator='(['"],
        "it must be one character",
    ),
    "a column that never changes": (rows(20, "{i},1,{c}"), TABLE, "never change tell nothing: y"),
    "one class": (rows(20, "{i},{m},a"), TABLE, "data.target=label is a in every row"),
    "a text among numbers": (
        rows(20, "{i},{i}.5,{c}").replace("\n3,3.5", "\n3,n/k"),
        TABLE,
        "column y is of numbers, but for 1 of 20 values, e.g. 'n/k' in line 5",
    ),
    "identifiers": (rows(20, "{i},id{i},{c}"), TABLE, "column y has 20 different texts"),
    "target left out": (GOOD, [*TABLE, "data.drop=[label]"], "data.drop names label"),
    "unknown column left out": (GOOD, [*TABLE, "data.drop=[zzz]"], "data.drop=zzz"),
    "all left out": (GOOD, [*TABLE, "data.drop=[x,y]"], "data.drop leaves no input"),
    "unknown categories": (GOOD, [*TABLE, "data.categorical=[zzz]"], "data.categorical=zzz"),
    "nothing held out": (GOOD, [*TABLE, "data.test_share=0"], "data.test_share=0"),
    "less than a row held out": (GOOD, [*TABLE, "data.test_share=0.001"], "leaves one part"),
    "a number for a class": (GOOD, [*TABLE, "data.target=x"], "data.target=x is a number"),
    "a class for a number": (GOOD, [*TABLE, "data.problem=regression"], "needs numbers"),
    "limits beyond the rows": (GOOD, [*TABLE, "data.train_limit=1000"], "there are 32 samples"),
}
OF_RATINGS: dict[str, tuple[str | bytes | None, list[str], str]] = {
    "no file": (None, RATINGS, "data.path=r.csv cannot be read: No such file"),
    "empty": ("", RATINGS, "data.path=r.csv holds no rows"),
    "words": ("1,2\n3,x\n", RATINGS, "'x' in line 2, column 2 is no number"),
    "names": ("a,b\n3,4\n", RATINGS, "set data.header=true"),
    "ragged": ("1,2\n3,4,5\n", RATINGS, "line 2 has 3 cells, line 1 has 2"),
    "nothing observed": (",\n,\n", RATINGS, "0 observed entries in a matrix of 2 × 2"),
    "one entry": ("1\n", RATINGS, "1 observed entries"),
    "infinite": ("1,inf,2\n3,4,5\n6,7,8\n", RATINGS, "column 2 is not finite"),
    "another encoding": (b"\xff1,2\n", RATINGS, "r.csv is not in the encoding utf-8: see line 1"),
    "no list": (
        "1,2\n3,4\n",
        [*RATINGS, "data.layout=list"],
        "data.layout=list: the lines of r.csv",
    ),
    "a pair rated twice": (
        "user,item,rating\n1,2,3\n1,2,4\n1,3,4\n",
        RATINGS,
        "1 rates 2 more than once",
    ),
    "a rank of what is generated": (
        "1,2,3\n2,3,4\n3,4,5\n",
        [*RATINGS, "data.rank=8"],
        "data.rank=8 is of a generated matrix and has no effect on data.path",
    ),
    "for a classifier": (None, ["data=ratings"], "task=train needs images"),
    "of no rank": (None, [*RATINGS[:1], "data.rank=0"], "data.rank=0 is not allowed"),
    "of negative noise": (None, [*RATINGS[:1], "data.noise=-1"], "data.noise=-1"),
}


def prepare(folder: Path, name: str, content: str | bytes | None) -> None:
    make: Make | None = None if content is None else written(name, content)
    if make is not None:
        make(folder)


@pytest.mark.parametrize(("content", "arguments", "tells"), OF_ROWS.values(), ids=list(OF_ROWS))
def test_rows_are_refused(
    refuse: Refuse, tmp_path: Path, content: str | bytes | None, arguments: list[str], tells: str
) -> None:
    prepare(tmp_path, "t.csv", content)
    refuse(arguments, tells)


@pytest.mark.parametrize(
    ("content", "arguments", "tells"), OF_RATINGS.values(), ids=list(OF_RATINGS)
)
def test_ratings_are_refused(
    refuse: Refuse, tmp_path: Path, content: str | bytes | None, arguments: list[str], tells: str
) -> None:
    prepare(tmp_path, "r.csv", content)
    refuse(arguments, tells)
