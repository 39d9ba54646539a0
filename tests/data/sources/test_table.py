import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
import torch

from nullfit.data.sources.table import file_format, read_table, table
from nullfit.data.sources.table_account import account, account_fields
from nullfit.data.sources.table_data import Table
from nullfit.data.sources.table_file import read_file
from nullfit.errors import UserError

SETTINGS: dict[str, Any] = {
    "target": "y",
    "problem": "auto",
    "drop": [],
    "categorical": [],
    "test_share": 0.2,
}
ROWS = 40


def read(path: str, **changes: Any) -> Table:
    return read_table(**{"path": path, "form": file_format(None), **SETTINGS, **changes})


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
    found = read(write(tmp_path, frame()))
    kept = np.setdiff1d(np.arange(ROWS), found.held_out.numpy())
    sizes = frame()["size"].to_numpy()
    expected = (sizes - sizes[kept].mean()) / sizes[kept].std()
    torch.testing.assert_close(found.inputs[:, 0], torch.tensor(expected, dtype=torch.float32))
    assert len(found.held_out) == ROWS // 5


def test_a_column_is_a_block_of_inputs(tmp_path: Path) -> None:
    content = frame(garden=[True, False] * (ROWS // 2), zone=[1, 2, 3, 4] * (ROWS // 4))
    found = read(write(tmp_path, content), categorical=["zone"])
    blocks = {column.name: column.positions.tolist() for column in found.columns}
    assert blocks == {"size": [0], "colour": [1, 2, 3], "garden": [4], "zone": [5, 6, 7, 8]}
    assert found.columns[1].levels == ("blue", "green", "red")
    assert found.inputs[:3, 1:4].tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    # Two levels need one input only: it is standardized.
    assert found.inputs[:2, 4].tolist() == pytest.approx([1, -1], abs=0.3)


@pytest.mark.parametrize(
    ("target", "problem", "classes"),
    [
        ([0.5, 1.5] * 20, "auto", ()),
        ([1, 2] * 20, "auto", ("1", "2")),
        (list(range(40)), "auto", ()),
        (list(range(11)) * 3 + list(range(7)), "auto", ()),
        (list(range(10)) * 4, "auto", tuple("0123456789")),
        ([1.0, 0.0] * 20, "auto", ("0", "1")),
        ([float(number) for number in range(11)] * 3 + [1.0] * 7, "auto", ()),
        ([1, 2] * 20, "regression", ()),
        ([0.5, 1.5] * 20, "classification", ("0.5", "1.5")),
        (["no", "yes"] * 20, "auto", ("no", "yes")),
        ([True, False] * 20, "auto", ("False", "True")),
    ],
)
def test_what_is_predicted(tmp_path: Path, target: list[Any], problem: str, classes: Any) -> None:
    path = write(tmp_path, frame(y=target))
    found = read(path, problem=problem)
    assert found.classes == classes
    if classes:
        assert found.targets.dtype == torch.int64
        names = [found.classes[t] for t in found.targets]
        assert [name.removesuffix(".0") for name in names] == [
            str(value).removesuffix(".0") for value in target
        ]
    else:
        assert float(found.targets.mean()) == pytest.approx(0, abs=1e-6)
        assert float(found.targets.std(correction=0)) == pytest.approx(1)


def test_classes_become_a_data_set_of_images_one_pixel_high(tmp_path: Path) -> None:
    path = write(tmp_path, frame(y=["no", "yes", "yes", "yes"] * (ROWS // 4)))
    dataset = table(path=path, separator=None, **SETTINGS)
    assert dataset.train.shape == (1, 1, 4)
    assert dataset.account is not None
    assert "target y: classification, 2 classes: no, yes (text)" in dataset.account
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
    "no such column": (frame(), {"drop": ["sze"]}, "data.drop=sze: .* Did you mean size"),
    "no such category": (frame(), {"categorical": ["a"]}, "data.categorical=a: .* no such column"),
    "target dropped": (frame(), {"drop": ["y"]}, "data.drop names y, which is data.target"),
    "missing": (missing(frame()), {}, r"infinite in size \(1: empty, first in line 5\)"),
    "infinite": (frame(size=[np.inf] + [1.0] * 39), {}, r"infinite in size \(1: 'inf', .*2\)"),
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
        table(**{"path": path, "separator": None, **SETTINGS, **changes})


def test_a_table_brings_its_network_and_the_command_line_wins(make_config: Any) -> None:
    chosen = make_config("data=table")
    assert (chosen.model.name, chosen.optimizer.name) == ("mlp_table", "adam")
    own = make_config("data=table", "model=mlp_1x512", "optimizer=sgd", "optimizer.lr=0.3")
    assert (own.model.name, own.optimizer.name) == ("mlp_1x512", "sgd")
    assert own.optimizer.settings["lr"] == 0.3


GOOD = [[f"{i}.5", f"{i % 3}", "a" if i % 2 else "b"] for i in range(20)]


def text(separator: str = ",", heading: str = "x,z,label", end: str = "") -> str:
    lines = [heading.replace(",", separator), *(separator.join(row) for row in GOOD)]
    return "".join(line + end + "\n" for line in lines)


def saved(folder: Path, content: str | bytes) -> str:
    path = folder / "x.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


WRITTEN = {
    "semicolons": text(";"),
    "tabs": text("\t"),
    "bars": text("|"),
    "blanks": text(" "),
    "blanks behind commas": text(", "),
    "blanks around names": text(heading=" x , z , label "),
    "decimal commas": text(";").replace(".", ","),
    "decimal commas in quotes": "x,z,label\n" + "".join(f'"{a}",{b},{c}\n' for a, b, c in GOOD)
    .replace(".", ","),
    "a comma behind every line": text(end=","),
    "a comma behind every row": text(end=",").replace("label,", "label"),
    "empty columns and rows at the end": text(end=",,") + ",,,,\n,,,,\n",
    "a byte order mark": text().encode("utf-8-sig"),
    "UTF-16": text().encode("utf-16"),
    "lines of Windows": text().replace("\n", "\r\n"),
    "a line that names the separator": "sep=;\n" + text(";"),
    "blank lines": text().replace("\n", "\n\n"),
}  # fmt: skip


@pytest.mark.parametrize("content", WRITTEN.values(), ids=list(WRITTEN))
def test_a_table_is_the_same_however_it_is_written(tmp_path: Path, content: str | bytes) -> None:
    plain = read(saved(tmp_path, text()), target="label")
    found = read(saved(tmp_path, content), target="label")
    assert [column.name for column in found.columns] == ["x", "z"]
    torch.testing.assert_close(found.inputs, plain.inputs, rtol=0, atol=0)
    assert torch.equal(found.targets, plain.targets)


@pytest.mark.parametrize(
    ("values", "decimal", "expected"),
    [
        (["1,5", "2", "1.234,5"], None, [1.5, 2, 1234.5]),
        (["1,234.5", "2", "7"], None, [1234.5, 2, 7]),
        (["1,234,567", "2", "7"], None, [1234567, 2, 7]),
        (["0,123", "2,125", "7"], None, [0.123, 2.125, 7]),
        (["1,234", "2,125", "7"], ",", [1.234, 2.125, 7]),
        (["1,234", "2,125", "7"], ".", [1234, 2125, 7]),
        (["1 234", "2 125 000", "7"], None, [1234, 2125000, 7]),
        (["1'234.5", "2'125", "7"], None, [1234.5, 2125, 7]),
        (["1\u202f234,5", "−2", "7"], None, [1234.5, -2, 7]),
        (["1.234", "2.125", "7"], None, [1.234, 2.125, 7]),
        (["1.234", "2.125", "7"], ",", [1234, 2125, 7]),
        ([str(2**64 + 1), "5", "7"], None, [float(2**64), 5, 7]),
        ([str(10**30), str(-(10**30)), "7"], None, [1e30, -1e30, 7]),
    ],
)
def test_numbers_are_read_as_people_write_them(
    tmp_path: Path, values: list[str], decimal: Any, expected: list[float]
) -> None:
    rows = "".join(f"{values[i % 3]};{i % 2}\n" for i in range(12))
    form = file_format(";", decimal)
    frame = read_file(saved(tmp_path, "x;y\n" + rows), "y", [], form).frame
    assert frame["x"].tolist()[:3] == expected


def test_dots_are_thousands_beside_decimal_commas(tmp_path: Path) -> None:
    rows = "".join(f"{i},5;1.{i + 100};{i}.25;{i % 2}\n" for i in range(12))
    frame = read_file(saved(tmp_path, "a;b;c;y\n" + rows), "y", [], file_format(None)).frame
    assert frame.iloc[1].tolist() == [1.5, 1101, 1.25, 1]


def test_a_comma_of_two_meanings_is_what_other_columns_say(tmp_path: Path) -> None:
    for other, expected in (("0,5", 1.234), ("0.5", 1234)):
        rows = "".join(f"1,23{i % 7};{other}{i};{i % 2}\n" for i in range(12))
        frame = read_file(saved(tmp_path, "x;z;y\n" + rows), "y", [], file_format(None)).frame
        assert frame["x"].iloc[4] == expected


def test_what_counts_as_missing_is_a_setting(tmp_path: Path) -> None:
    rows = "".join(f"{i},{['None', 'Gd', 'NA'][i % 3]},{i % 2}\n" for i in range(12))
    path = saved(tmp_path, "x,z,y\n" + rows)
    with pytest.raises(UserError, match=r"z \(8: 'None', 'NA', first in line 2\)") as refusal:
        read(path)
    assert "keep 'NA', 'None' as a level: \"data.missing=[]\"" in str(refusal.value)
    assert read(path, form=file_format(None, missing=[])).columns[1].levels == ("Gd", "NA", "None")
    with pytest.raises(UserError, match=r"z \(4: 'NA', first in line 4\)"):
        read(path, form=file_format(None, missing=["NA"]))
    numbers = saved(tmp_path, (("x,z,y\n" + rows).replace("\n5,", "\n-999,")))
    with pytest.raises(UserError, match=r"x \(1: '-999', first in line 7\)"):
        read(numbers, form=file_format(None, missing=[-999]))


def test_a_level_is_kept_where_a_number_is_missing(tmp_path: Path) -> None:
    rows = "".join(f"{'NA' if i == 5 else i},{['None', 'Gd'][i % 2]},{i % 4}\n" for i in range(12))
    with pytest.raises(UserError, match=r"keep 'None' as a level: \"data.missing=\[NA\]\""):
        read(saved(tmp_path, "x,z,y\n" + rows))


def test_what_was_read_is_said(tmp_path: Path) -> None:
    content = text(";", end=";;").replace(".", ",").replace("a;;", "Löwe;;") + ";;;;\n"
    path = saved(tmp_path, content.encode("latin-1"))
    form = file_format(None, encoding="latin-1")
    found = read(path, target="label", form=form, test_share=0.0)
    assert account(found, "label").splitlines() == [
        "x.csv: 20 rows, separated by ';', decimal commas, encoding latin-1, "
        "2 empty columns left out, 1 empty row left out",
        "  target label: classification, 2 classes: Löwe, b (text)",
        "  inputs: x (number), z (number)",
        "  missing values: none; as such count empty fields, NA, NaN, None, null and the like "
        '("data.missing=[]": empty fields only)',
    ]
    fields = account_fields(found)
    assert (fields["problem"], fields["problem_reason"]) == ("classification", "text")
    assert fields["levels"] == {"x": [], "z": []}
    assert fields["file"]["separator"] == ";"


def test_another_encoding_is_shown_as_it_would_be_read(tmp_path: Path) -> None:
    path = saved(tmp_path, text(heading="x,größe,label").encode("cp1252"))
    with pytest.raises(UserError, match=r"encoding=cp1252 would read that line as 'x,größe,l"):
        read(path, target="label")
    found = read(path, target="label", form=file_format(None, encoding="cp1252"))
    assert found.columns[1].name == "größe"


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(text().encode()))
    assert len(read(str(path), target="label").inputs) == 20


def test_a_column_without_a_name_is_read_by_its_place(tmp_path: Path) -> None:
    rows = "".join(f'"{i},5",{"NA" if i == 4 else i},{i % 2}\n' for i in range(12))
    path = saved(tmp_path, ",,y\n" + rows)
    with pytest.raises(
        UserError, match=r"in Unnamed: 1 \(1: 'NA', first in line 6\)\.\n"
    ) as refusal:
        read(path)
    assert "\"data.drop=['Unnamed: 1']\"" in str(refusal.value)
    assert read(path, drop=["Unnamed: 1"]).inputs.shape == (12, 1)


def test_a_column_of_numbers_with_a_word_for_missing_is_no_category(tmp_path: Path) -> None:
    rows = [f"{35 + n % 40 / 10},{n % 7},{n % 2}" for n in range(120)]
    rows[7] = "k.A.,1,0"
    path = saved(tmp_path, "temperature,x,y\n" + "\n".join(rows) + "\n")
    with pytest.raises(
        UserError, match=r"(?s)but for 1 of 120 .* 'k.A.' in line 9\..*data.missing="
    ):
        read(path)
    assert read(path, categorical=["temperature"]).columns[0].levels[-1] == "k.A."
