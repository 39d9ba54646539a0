"""``task=permutation_test data=table`` from a file to p-values."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from nullfit.config.components import typed_settings
from nullfit.errors import UserError
from nullfit.results.result import read_arrays, read_result
from nullfit.results.task_run import TaskRun
from nullfit.tasks.permutation.findings import Findings
from nullfit.tasks.permutation.section import sections
from nullfit.tasks.permutation.table_problem import table_of
from nullfit.tasks.permutation.task import permutation_test
from tests.report.by_hand import material

ROWS = 80


@pytest.fixture
def path(tmp_path: Path) -> str:
    """The price follows from size and colour; the wind changes nothing."""
    random = np.random.default_rng(1)
    size, wind = random.normal(size=(2, ROWS))
    colour = random.choice(["red", "green", "blue"], ROWS)
    price = size + 1.5 * (colour == "red") + 0.2 * random.normal(size=ROWS)
    sold = np.where(price > np.median(price), "yes", "no")
    frame = pandas.DataFrame(
        {"size": size, "colour": colour, "wind": wind, "price": price, "sold": sold}
    )
    frame.to_csv(tmp_path / "x.csv", index=False)
    return str(tmp_path / "x.csv")


def run_on(make_config: Any, path: str, *overrides: str) -> tuple[Path, dict[str, Any]]:
    config = make_config(
        *("task=permutation_test", "data=table", f"data.path={path}", "logger=csv"),
        *("permutation_test.replicates=19", "trainer.progress=false", "trainer.max_epochs=20"),
        *overrides,
    )
    folder = Path(config.outputs) / config.job
    settings = typed_settings(permutation_test, config.task_settings)
    return folder, permutation_test(config, folder, **settings)


def test_a_number_is_predicted_and_columns_get_p_values(
    make_config: Any, path: str, capsys: Any
) -> None:
    folder, result = run_on(
        make_config,
        path,
        *("data.target=price", "data.drop=[sold]"),
        *("permutation_test.statistic=share", "permutation_test.null=conditional"),
    )
    assert result["data"]["columns"] == ["size", "colour", "wind"]
    assert result["metrics"]["train/r_squared"] > 0.5
    arrays = read_arrays(folder)
    assert arrays["statistic"].shape == (3,)
    assert arrays["null_statistic"].shape == (19, 3)
    found = Findings.of_arrays(arrays, "conditional")
    p = dict(zip(found.names, found.p["p_value"], strict=True))
    assert p["size"] == p["colour"] == 0.05
    assert p["wind"] > 0.05
    assert {"features.png", "features.pdf"} <= {file.name for file in folder.iterdir()}
    told = capsys.readouterr().out
    assert "Benjamini–Hochberg" in told
    assert "significant at 0.05 by Holm" in told
    assert "max-t" not in told.lower()
    assert "p_max_t" not in {*arrays, *pandas.read_csv(folder / "features.csv")}
    assert told.index("size") < told.rindex("wind")
    assert read_result(folder) == result


def test_classes_are_predicted(make_config: Any, path: str) -> None:
    _, result = run_on(
        make_config, path, "data.target=sold", "data.drop=[price]", "permutation_test.null=labels"
    )
    assert result["data"]["class_names"] == ["no", "yes"]
    assert result["metrics"]["train/accuracy"] > 0.8


def test_curvature_of_numbers_is_tested(make_config: Any, path: str) -> None:
    folder, _ = run_on(
        make_config,
        path,
        *("data.target=price", "data.drop=[sold]", "permutation_test.kind=nonlinearity"),
    )
    assert np.all(read_arrays(folder)["p_value"] <= 1)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["data.target=sold", "permutation_test.kind=nonlinearity"], "sold must be a number"),
        (["data.target=price", "corruption=random_labels"], "corruption=random_labels has no"),
        (["data.target=price", "permutation_test.patch=2"], "permutation_test.patch=2 has no"),
        (["data.target=price", "data.train_limit=900"], "data.train_limit=900 is above the 80"),
    ],
)
def test_what_a_table_cannot_do(
    make_config: Any, path: str, overrides: list[str], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        run_on(make_config, path, *overrides)


def test_all_rows_are_tested(make_config: Any, path: str) -> None:
    config = make_config("data=table", f"data.path={path}", "data.target=price")
    assert len(table_of(config).inputs) == ROWS
    limited = make_config(
        "data=table", f"data.path={path}", "data.target=price", "data.train_limit=30"
    )
    assert len(table_of(limited).targets) == 30


def test_what_was_read_and_inputs_that_tell_each_other_are_said(
    make_config: Any, path: str, capsys: Any
) -> None:
    frame = pandas.read_csv(path)
    frame.assign(size_cm=100 * frame["size"]).to_csv(path, index=False)
    overrides = ("data.target=price", "data.drop=[sold]")
    folder, result = run_on(make_config, path, *overrides)
    told = capsys.readouterr().out
    assert told.startswith("x.csv: 80 rows, separated by ','")
    assert "  target price: regression (80 different numbers that are not whole)" in told
    assert "colour (3 levels: blue, green, red)" in told
    assert "size †" in told
    assert "size_cm †" in told
    assert "† size and size_cm tell each other completely: given the others, none" in told
    assert result["permutation_test"]["same_inputs"] == [["size", "size_cm"]]
    assert result["data"]["problem"] == "regression"
    assert result["data"]["levels"]["colour"] == ["blue", "green", "red"]
    rows = pandas.read_csv(folder / "features.csv").set_index("feature")
    assert rows["same_as"].dropna().to_dict() == {"size": "size_cm", "size_cm": "size"}
    config = make_config(
        *("task=permutation_test", "data=table", f"data.path={path}", "logger=csv"), *overrides
    )
    (section,) = sections(material([TaskRun(folder, result, config.plain())]))
    assert any("size and size_cm tell each other completely" in w for w in section.warnings)
    run_on(make_config, path, *overrides)  # finished: told again
    assert "size †" in capsys.readouterr().out
