"""A task that is no training leaves one offline run behind: its rows, pictures and outcome."""

import json
import subprocess
import sys

import altair as alt
import pandas
import pytest
from PIL import Image

from nullfit.charts.figure import Figure, Panel
from nullfit.runs.outcome import begin, complete, finished
from nullfit.tracking.pictures import picture_of
from nullfit.tracking.task_run import task_run
from tests.tracking import wandb_file

WANDB = ("logger=wandb", "logger.mode=offline", "study=pieces")
FIELDS = {
    "metrics": {"train/mse": 0.25, "test/mse": 0.5},
    "show": {"rank": 5, "significant": {"holm": 3, "inputs": [1, 2]}, "table": [[1]]},
    "wall_seconds": 1.5,
}


def recorded(folder):
    (path,) = folder.glob("wandb/offline-run-*/run-*.wandb")
    return wandb_file.read(path)


def figure():
    frame = pandas.DataFrame({"x": [0, 1]})
    return Figure([Panel("x", alt.Chart(frame).mark_point().encode(x="x:Q"))], "a note")


def test_rows_pictures_and_outcome_are_recorded(make_config, tmp_path):
    config = make_config("task=show", *WANDB)
    with task_run(config, tmp_path) as record:
        for step in (1, 2):
            record.log({"train/mse": 1.0 / step}, step=step)
        record.figure("heat map", figure())
        result = complete(config, tmp_path, FIELDS, record=record)
    found = recorded(tmp_path)
    rows = [row for row in found.history if "train/mse" in row]
    assert [(row["step"], row["train/mse"]) for row in rows] == [(1, 1.0), (2, 0.5)]
    (picture,) = tmp_path.glob("wandb/offline-run-*/files/media/images/*.png")
    with Image.open(picture) as shown:
        assert shown.size == picture_of(figure()).size
    assert (found.summary["train/mse"], found.summary["test/mse"]) == (0.25, 0.5)
    assert (found.summary["show/rank"], found.summary["show/significant/holm"]) == (5, 3)
    assert "show/table" not in found.summary
    assert found.summary["wall_seconds"] == 1.5
    assert found.exit_code == 0
    assert json.loads((tmp_path / "result.json").read_text()) == result


def test_the_run_is_filed_under_study_and_task_without_what_it_does_not_use(make_config, tmp_path):
    config = make_config("task=show", *WANDB)
    complete(config, tmp_path, FIELDS)  # of itself
    found = recorded(tmp_path)
    assert (found.run.run_group, found.run.job_type) == ("pieces", "show")
    assert list(found.run.tags) == ["show", "digits", "none"]
    assert found.summary["test/mse"] == 0.5


def test_the_same_configuration_keeps_its_id(make_config, tmp_path):
    config = make_config("task=show", *WANDB)
    for folder in (tmp_path / "a", tmp_path / "b"):
        complete(config, folder, FIELDS)
    ids = {recorded(tmp_path / name).run.run_id for name in "ab"}
    assert len(ids) == 1
    complete(make_config("task=show", *WANDB, "seed=1"), tmp_path / "c", FIELDS)
    assert recorded(tmp_path / "c").run.run_id not in ids


def test_an_error_marks_the_run_as_failed(make_config, tmp_path):
    config = make_config("task=show", *WANDB)
    with pytest.raises(RuntimeError), task_run(config, tmp_path):
        raise RuntimeError
    assert recorded(tmp_path).exit_code == 1


@pytest.mark.parametrize("logger", [["logger=csv"], ["logger=wandb", "logger.mode=disabled"]])
def test_without_wandb_nothing_is_written_but_the_result(make_config, tmp_path, logger):
    config = make_config("task=show", *logger)
    begin(config, tmp_path)
    with task_run(config, tmp_path) as record:
        record.log({"x": 1.0})
        record.figure("x", figure())
        complete(config, tmp_path, FIELDS, {"x": [1.0]}, record)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"config.yaml", "result.json", "arrays.npz"}


def test_tensorboard_says_that_it_records_no_task(make_config, tmp_path, capsys):
    with task_run(make_config("task=kernel", "logger=tensorboard"), tmp_path) as record:
        assert record.wandb_run is None
    assert "logger=tensorboard records trainings only" in capsys.readouterr().err


def test_a_task_costs_no_wandb_until_it_records():
    code = (
        "import sys, nullfit.runs.outcome, nullfit.tracking.task_run\n"
        "sys.exit(bool({'wandb', 'torch', 'matplotlib'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_finished_task_is_not_done_again(make_config, tmp_path, capsys):
    config = make_config("task=show", "logger=csv")
    assert finished(config, tmp_path) is None
    result = complete(config, tmp_path, {**FIELDS, "status": "stopped", "device": "cuda"})
    assert (result["status"], result["device"], result["task"]) == ("stopped", "cuda", "show")
    assert finished(config, tmp_path) == result
    assert "finished before, nothing to do" in capsys.readouterr().out
    assert finished(make_config("task=show", "logger=csv", "seed=1"), tmp_path) is None
