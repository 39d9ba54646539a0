import csv
from pathlib import Path
from typing import Any

import pytest

from nullfit.tasks.query import query
from nullfit.tasks.train.task import train


@pytest.fixture
def outputs(tiny_config: Any) -> Path:
    config = tiny_config("trainer.max_epochs=1")
    folder = Path(config.outputs) / config.study / config.job
    train(config, folder)
    return Path(config.outputs)


def test_answer_is_printed_whole_and_written(
    outputs: Path, make_config: Any, tmp_path: Path, capsys: Any
) -> None:
    config = make_config("task=query")
    output = tmp_path / "answer.csv"
    sql = "select job, repeat('x', 300) as long, seed, 0.5 as half, null as gone from runs"
    query(config, tmp_path / "query", sql=sql, output=str(output))
    told = capsys.readouterr().out
    assert "x" * 300 in told
    assert "1 row\n" in told
    (row,) = csv.DictReader(output.read_text().splitlines())
    assert row == {
        "job": next(outputs.glob("*/*/result.json")).parent.name,
        "long": "x" * 300,
        "seed": "0",
        "half": "0.5",
        "gone": "",
    }


def test_default_question_names_the_columns(outputs: Path, make_config: Any, capsys: Any) -> None:
    config = make_config("task=query")
    query(config, outputs, **config.task_settings)
    told = capsys.readouterr().out
    for name in ("test_accuracy", "epochs_to_fit", "parameters", "labels_changed", "wall_seconds"):
        assert name in told


def test_a_damaged_result_is_told_and_left_out(
    outputs: Path, make_config: Any, tmp_path: Path, capsys: Any
) -> None:
    damaged = outputs / "other" / "job" / "result.json"
    damaged.parent.mkdir(parents=True)
    damaged.write_text("{")
    query(make_config("task=query"), tmp_path, sql="select count(*) from results", output=None)
    told = capsys.readouterr()
    assert "1 row\n" in told.out
    assert f"left out: {damaged} is damaged" in told.err
