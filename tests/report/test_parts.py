"""Sections: all of each is shown, escaped and linked."""

import json
from urllib.parse import unquote

import numpy
import pandas
import pytest

from nullfit.errors import UserError
from nullfit.report import parts
from nullfit.report.parts import numeric_columns, runs_by_section
from nullfit.report.section import section_modules
from nullfit.results.result import write_arrays
from nullfit.results.study import read_study
from nullfit.tasks.dashboard import dashboard
from nullfit.tasks.report import report
from nullfit.tasks.scoreboard import scoreboard
from nullfit.tasks.table import table
from tests.report.conftest import config_of
from tests.report.test_page import Page


@pytest.fixture(autouse=True, scope="module")
def fake_section():
    """The report has a section for the task fake_task."""
    with pytest.MonkeyPatch.context() as patch:
        known = {**section_modules(), "fake_task": "tests.report.fake_sections.fake_task"}
        patch.setattr(parts, "section_modules", lambda: known)
        yield


def leave_run(outputs, task, seed, study="other", **changed):
    """What a run of a task leaves behind."""
    folder = outputs / study / f"{task}-digits-none-seed{seed}-0f"
    folder.mkdir(parents=True)
    result = {
        "status": "completed",
        "task": task,
        "study": study,
        "job": folder.name,
        "seed": seed,
        "config_hash": "0f",
        "data": {"name": "digits", "train_samples": 1437, "input_shape": [1, 8, 8]},
        "metrics": {"test/error": 0.1 * (seed + 1), "solution_norm": 220.0},
        "wall_seconds": 12.5,
        "device": "cpu",
        "threads": 2,
        "versions": {"python": "3.11"},
        "command": f"python run.py task={task} <&>",
    }
    (folder / "result.json").write_text(json.dumps(result | changed))
    config = (
        f"seed: {seed}\nstudy: {study}\n"
        f"task: {{name: {task}, _target_: x, uses: [data, corruption]}}\n"
        "data: {name: digits}\nmodel: {name: mlp}\ncorruption: {name: none}\n"
        f"{task}: {{ridge: 0.0, name: gaussian}}\n"
    )
    (folder / "config.yaml").write_text(config)
    write_arrays(folder, errors=numpy.zeros(7))
    return folder


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """A study of two runs of fake_task, one of a task without a section and an unfinished one."""
    others = tmp_path_factory.mktemp("others")
    for seed in (0, 1):
        leave_run(others, "fake_task", seed)
    leave_run(others, "sectionless", 0)
    leave_run(others, "fake_task", 2)
    (others / "other" / "fake_task-digits-none-seed2-0f" / "result.json").unlink()
    return others


def make(outputs, study="other"):
    folder = outputs / study / "report"
    report(config_of(outputs, "task=report", f"study={study}"), folder)
    return folder, Page(folder / "index.html")


@pytest.fixture(scope="module")
def made(others, fake_section):
    """The folder of that study's report, and its page."""
    return make(others)


def test_a_section_shows_what_its_module_says_escaped(made):
    folder, page = made
    assert "Fake & <b>bold</b>" in page.text
    assert "No more than this <i>follows</i>." in page.text
    assert "0.100 ± 0.01" in page.text
    assert "<i>raw</i>" in page.text
    assert "python run.py task=fake_task <&>" in page.text
    assert not {"i", "b"} & page.tags
    assert pandas.read_csv(folder / "tables" / "fake_task.csv")["error"].tolist() == [0.25, 0.25]
    assert (folder / "index.html").read_text().count('<svg class="key"') == 2
    assert "alert(1)</script>" not in (folder / "index.html").read_text()


def test_everything_linked_is_there_and_everything_written_is_linked(made):
    folder, page = made
    relative = [link for link in page.links if not link.startswith(("data:", "#"))]
    for link in relative:
        assert (folder / unquote(link)).exists(), link
    written = {str(file.relative_to(folder)) for file in folder.glob("*/*")}
    drawn = {f"fake_task_a_{name}" for name in ("errors", "norms", *"abcdef")}
    assert written == {
        *(f"figures/{stem}.{end}" for stem in drawn for end in ("pdf", "svg", "png")),
        *(f"figures/fake_task_a_errors_2.{end}" for end in ("pdf", "png")),  # each name once
        *(f"tables/fake_task.{end}" for end in ("csv", "md", "tex")),
    }
    assert written <= set(relative)
    anchors = {link for link in page.links if link.startswith("#")}
    html = (folder / "index.html").read_text()
    assert anchors == {"#fake_task-0", "#fake_task-1", "#others", "#environment"}
    assert all(f'id="{anchor[1:]}"' in html for anchor in anchors)


def test_a_page_without_trainings_has_none_of_their_sections(made):
    _, page = made
    assert "3 finished runs: 2 of task fake_task, 1 of task sectionless." in page.text
    assert "1 more run did not finish and is listed below." in page.text
    for absent in ("Fit and generalization", "Learning curves", "Samples", "Published figures"):
        assert absent not in page.text
    assert "task sectionless" in page.text
    assert "interrupted or still running" in page.text


def test_trainings_and_other_tasks_share_a_page(copied):
    leave_run(copied, "fake_task", 0, study="small")
    folder, page = make(copied, "small")
    assert "Fit and generalization" in page.text
    assert "Fake & <b>bold</b>" in page.text
    assert "5 finished runs of 2 networks" in page.text
    assert len(pandas.read_csv(folder / "tables" / "runs.csv")) == 5


def test_trainings_with_a_probe_have_its_section(copied):
    first = next(path for path in sorted((copied / "small").glob("mlp-*/result.json")))
    result = json.loads(first.read_text())
    first.write_text(json.dumps(result | {"fake_task": {"precision": 1.0}}))
    found = runs_by_section(read_study(str(copied), "small"))
    assert [run.folder.name for run in found["fake_task"]] == [first.parent.name]


def test_a_run_that_a_section_cannot_read_leaves_the_rest_of_the_page(tmp_path):
    leave_run(tmp_path, "fake_task", 0, metrics={})
    folder, page = make(tmp_path)
    assert "Fake task" in page.text
    assert "Not shown: KeyError('test/error')" in page.text
    assert not (folder / "figures").exists()


def test_sections_are_modules_of_tasks_and_probes():
    names = list(parts.section_modules())
    assert "fake_task" in names
    assert {"train", "kernel", "loss_mixture"} <= set(names)


def test_the_tables_of_a_study_without_trainings(others, capsys):
    table(config_of(others, "task=table", "study=other"), others / "other" / "table")
    printed = capsys.readouterr().out
    assert "study other, task fake_task" in printed
    assert "study other, task sectionless" in printed
    numbers = pandas.read_csv(others / "other" / "table" / "table_fake_task.csv")
    assert numbers["n"].tolist() == [2]
    assert numbers["test/error mean"].tolist() == pytest.approx([0.15])
    assert numbers["test/error sd"].tolist() == pytest.approx([0.1 / 2**0.5])
    assert "model" not in numbers  # the task uses none
    assert not (others / "other" / "table" / "table.csv").exists()


def test_the_scoreboard_of_a_study_without_trainings_says_so(others, capsys, tmp_path):
    scoreboard(config_of(others, "task=scoreboard", "study=other"), tmp_path / "s")
    assert "no published number belongs to any of its settings" in capsys.readouterr().out


def test_a_dashboard_needs_trainings(others, tmp_path):
    config = config_of(others, "task=dashboard", "study=other", "logger=wandb")
    with pytest.raises(UserError, match="no finished training, which is what a dashboard shows"):
        dashboard(config, tmp_path / "d")
    assert not (tmp_path / "d").exists()


def test_columns_of_numbers():
    texts = pandas.DataFrame(
        {
            "mean": ["0.1 ± 0.2", "–", "1.2e-05"],
            "count": ["1,437", "3 of 4", "2"],
            "share": ["12.5 %", "< 0.01", ""],
            "word": ["–", "1", "none"],
        }
    )
    assert numeric_columns(texts) == ["mean", "share"]
