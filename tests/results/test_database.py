import json
import re
from pathlib import Path
from typing import Any

import pytest

from nullfit.errors import UserError
from nullfit.results.database import Database

METRICS = {"train/accuracy": 1.0, "test/accuracy": 0.9}


def _run(outputs: Path, job: str, epochs: str | None = None, **changed: Any) -> Path:
    folder = outputs / "study" / job
    folder.mkdir(parents=True)
    result = {
        "status": "completed",
        "task": "train",
        "study": "study",
        "job": job,
        "seed": 0,
        "config_hash": "0f",
        "model": {"name": "mlp", "parameters": 10},
        "data": {"name": "digits", "train_samples": 5, "class_names": ["a", "b"]},
        "corruption": {"name": "none", "labels_changed": 0.0},
        "metrics": METRICS,
        "fit": {"threshold": 0.99, "epochs_to_fit": 3, "steps_to_fit": 30},
        "versions": {"torch": "2"},
    }
    (folder / "result.json").write_text(json.dumps(result | changed))
    if epochs is not None:
        (folder / "metrics.csv").write_text(epochs)
    return folder


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """Two trainings with different columns, one evaluation, one unfinished run."""
    root = tmp_path / "outputs"
    _run(root, "a", "epoch,step,train/loss,test/accuracy\n1,10,2.5,0.5\n2,20,1.5,\n")
    noisy = {"name": "random_labels", "labels_changed": 0.45, "probability": 0.5}
    never = {"threshold": 0.99, "epochs_to_fit": None, "steps_to_fit": None}
    lines = "epoch,step,train/loss,train/accuracy_corrupted\n1,10,2.25,0.125\n2,20"
    _run(root, "b", lines, corruption=noisy, fit=never, metrics={"test/accuracy": 0.5}, seed=1)
    _run(root, "evaluate-a", task="evaluate")
    (root / "study" / "unfinished").mkdir()
    (root / "study" / "unfinished" / "metrics.csv").write_text("epoch\n1\n")
    return root


def test_the_example_of_the_documentation(outputs: Path) -> None:
    answer = Database(outputs).ask(
        "select model, corruption, avg(test_accuracy) from runs group by all order by corruption"
    )
    assert answer.columns == ["model", "corruption", "avg(test_accuracy)"]
    assert answer.rows == [("mlp", "none", 0.9), ("mlp", "random_labels", 0.5)]


def test_runs_are_finished_trainings_and_results_are_all(outputs: Path) -> None:
    database = Database(outputs)
    assert database.ask("select job from runs order by job").rows == [("a",), ("b",)]
    assert database.ask("select count(*) from results").rows == [(3,)]


def test_missing_values_are_null_and_whole_numbers_whole(outputs: Path) -> None:
    rows = Database(outputs).ask(
        "select epochs_to_fit, probability, parameters, labels_changed from runs order by job"
    )
    assert rows.rows == [(3, None, 10, 0.0), (None, 0.5, 10, 0.45)]
    assert [type(value) for value in rows.rows[0]] == [int, type(None), int, float]


def test_epochs_of_files_with_different_columns(outputs: Path) -> None:
    answer = Database(outputs).ask(
        "select job, model, corruption, seed, probability, epoch, train_loss, test_accuracy, "
        "train_accuracy_corrupted from epochs order by job, epoch"
    )
    # The last line of b's file was cut off, and is left out.
    assert answer.rows == [
        ("a", "mlp", "none", 0, None, 1, 2.5, 0.5, None),
        ("a", "mlp", "none", 0, None, 2, 1.5, None, None),
        ("b", "mlp", "random_labels", 1, 0.5, 1, 2.25, None, 0.125),
    ]
    mean = Database(outputs).ask("select avg(test_accuracy) from epochs")
    assert mean.rows == [(0.5,)]


def test_every_other_task_has_a_table_with_its_own_columns(outputs: Path) -> None:
    settings = {"ridge": 0.5, "rows": [[1, 2], [3, 4]], "levels": [1, 2], "found": {"holm": 3}}
    metrics = {"test/error": 0.0122, "solution_norm": 220.0}
    _run(outputs, "kernel-a", task="kernel", kernel=settings, metrics=metrics)
    _run(outputs, "odd", task='odd"; drop table runs; --')
    database = Database(outputs)
    answer = database.ask(
        "select job, test_error, solution_norm, kernel_ridge, kernel_levels, kernel_found_holm "
        "from kernel"
    )
    assert answer.rows == [("kernel-a", 0.0122, 220.0, 0.5, "[1, 2]", 3)]
    assert not {"test_accuracy", "kernel_rows"} & set(database.columns("kernel"))
    assert database.ask("select count(*) from runs").rows == [(2,)]


def test_no_finished_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no finished run to ask about"):
        Database(tmp_path)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select tst_accuracy from runs", "Did you mean test_accuracy?"),
        ("select qqqqq from runs", "sql='describe runs' names its columns."),
        ("select accuracy from runs", "Did you mean test_accuracy?"),
        (
            "select test/accuracy from runs",
            "Did you mean test_accuracy, in place of test/accuracy?",
        ),
        ('select * from runs where model = "mlp"', "texts in single ones: 'mlp'."),
        ("select * from rns", "There are the tables runs, epochs, results and evaluate."),
        ("selct 1", 'syntax error at or near "selct"'),
        ("", "sql holds no question"),
    ],
)
def test_bad_sql_is_explained_in_two_lines(outputs: Path, sql: str, told: str) -> None:
    with pytest.raises(UserError, match=re.escape(told)) as caught:
        Database(outputs).ask(sql)
    assert len(str(caught.value).splitlines()) <= 2


@pytest.mark.parametrize(
    "sql",
    [
        "copy runs to '{0}'",
        "copy runs to '{0}' (format json)",
        "export database '{0}'",
        "attach '{0}'",
        "select * from read_csv('{1}')",
        "select * from read_text('{1}')",
        "select * from '{1}'",
        "select * from glob('{1}')",
        "create table t as select * from read_blob('{1}')",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "reset enable_external_access",
        "set temp_directory = '{0}'",
        "set python_enable_replacements = true",
        "select * from secret",
    ],
)
def test_sql_reaches_nothing_but_the_tables(outputs: Path, tmp_path: Path, sql: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nsesame\n")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError, match=r"^sql: "):
        Database(outputs).ask(sql.format(tmp_path / "leak", secret))
    assert sorted(tmp_path.rglob("*")) == before


def test_variables_of_the_process_are_no_tables(outputs: Path) -> None:
    import pandas

    secret = pandas.DataFrame({"word": ["sesame"]})
    with pytest.raises(UserError, match="Table with name secret does not exist"):
        Database(outputs).ask("select * from secret")
    assert len(secret) == 1
