"""A finished run stays finished: what earlier commits left behind is skipped, gone on with, read.

Only the command line is used here, so that this holds whatever becomes of the code.
"""

import csv
import json
from collections import Counter
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas
import pytest
import torch

from tests.command_line import carry_out
from tests.page_text import page_text
from tests.pinned import (
    FINISHED_RUNS,
    assert_golden,
    assert_same,
    commands,
    contents,
    copied_runs,
    draw_nothing,
)

pytestmark = pytest.mark.slow

QUERIES = {
    "results": "select study, task, job, seed, status from results order by study, job",
    "runs": "select study, job, model, data, corruption, epochs, train_accuracy, test_accuracy "
    "from runs order by study, job",
    "epochs": "select study, job, count(*) epochs, max(step) steps, min(train_loss) loss "
    "from epochs group by study, job order by study, job",
    "kernel": "select job, solution_norm, test_error from kernel",
    "factorization": "select job, test_mse, factorization_rank from factorization",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the runs and their data."""
    draw_nothing(monkeypatch)
    return copied_runs(tmp_path)


def results() -> list[dict]:
    paths = sorted(FINISHED_RUNS.glob("outputs/*/*/result.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


@pytest.mark.parametrize("command", commands("finished"), ids=str)
def test_the_same_command_finds_its_results_and_does_nothing(folder: Path, command) -> None:
    before = contents(folder)
    answer = carry_out(folder, *command.arguments)
    assert answer.code == 0, answer.err
    for job in command.folders:
        assert f"{job.name}: finished before, nothing to do ({job})" in answer.out
    after = contents(folder)
    if "-m" in command.arguments:  # Hydra's note of the grid
        assert after.pop(folder / command.folders[0].parent / "multirun.yaml", None)
    assert after == before


@pytest.mark.parametrize("command", commands("evaluated"), ids=str)
def test_an_earlier_checkpoint_is_evaluated_to_the_same_numbers(folder: Path, command) -> None:
    before = contents(folder)
    answer = carry_out(folder, *command.arguments)
    assert answer.code == 0, answer.err
    (job,) = command.folders
    assert_same(folder / job, FINISHED_RUNS / job)
    assert contents(folder).keys() == before.keys()


@pytest.mark.parametrize("command", commands("interrupted"), ids=str)
def test_the_same_command_goes_on_to_what_an_undisturbed_run_found(folder: Path, command) -> None:
    (job,) = command.folders
    kept = {
        path: was
        for path, was in contents(folder / job).items()
        if path.name in ("metrics.csv", "draw.json") or path.suffix == ".npy"
    }
    answer = carry_out(folder, *command.arguments)
    assert answer.code == 0, answer.err
    (undisturbed,) = {
        FINISHED_RUNS / path
        for other in commands("finished")
        for path in other.folders
        if path.name == job.name
    }
    assert_same(folder / job, undisturbed)
    # Done again, the seconds in these files would be others, and cells be written anew.
    after = contents(folder / job)
    for path, (content, changed) in kept.items():
        if path.name == "metrics.csv":  # columns were added since
            was, now = (pandas.read_csv(BytesIO(c), dtype=str) for c in (content, after[path][0]))
            assert now.loc[: len(was) - 1, list(was)].equals(was), path
        else:
            assert after[path][0].startswith(content), path
        assert path.suffix != ".npy" or after[path][1] == changed, path
    cells = ({path.name for path in runs.rglob("*.npy")} for runs in (folder / job, undisturbed))
    assert next(cells) == next(cells)


def test_an_interrupted_permutation_test_trains_only_what_is_left(folder: Path) -> None:
    (command,) = (each for each in commands("interrupted") if "permutation_test-" in str(each))
    job = folder / command.folders[0]
    path = job / "checkpoints/replicates.ckpt"
    saved = torch.load(path, weights_only=True)
    saved["values"][-1] = 7.0  # no share is as large
    torch.save(saved, path)
    assert carry_out(folder, *command.arguments).code == 0
    with np.load(job / "arrays.npz") as arrays:
        assert 7.0 in arrays["null_statistic"]


def test_table_report_scoreboard_and_query_read_all_of_it(folder: Path) -> None:
    study = folder / "outputs/pinned"
    said = {task: carry_out(folder, f"task={task}", "study=pinned").out for task in
            ("table", "report", "scoreboard")}  # fmt: skip
    page = page_text((study / "report/index.html").read_text(encoding="utf-8"))
    answers = {}
    for name, sql in QUERIES.items():
        assert carry_out(folder, "task=query", f'sql="{sql}"', f"output={name}.csv").code == 0
        answers[name] = (folder / f"{name}.csv").read_text(encoding="utf-8")

    # Every run is counted or named.
    for task, runs in Counter(r["task"] for r in results() if r["study"] == "pinned").items():
        name = "table" if task == "train" else f"table_{task}"
        with (study / f"table/{name}.csv").open(encoding="utf-8") as rows:
            assert sum(int(row["n"]) for row in csv.DictReader(rows)) == runs
    for command in commands("failed", "interrupted"):
        if command.folders[0].parent.name == "pinned":
            assert str(command.folders[0]) in said["table"]
    for job in study.glob("*-*"):
        assert job.name in page
    for result in results():
        assert result["job"] in answers["results"]
        assert result["task"] != "train" or result["job"] in answers["runs"]
        assert result["task"] != "train" or result["job"] in answers["epochs"]

    # And it reads as it did.
    tables = [study / "scoreboard/scoreboard.md", *sorted((study / "table").glob("*.md"))]
    texts = [f"# {path.name}\n\n{path.read_text(encoding='utf-8')}" for path in tables]
    assert_golden("tables.md", "\n".join(texts))
    assert_golden("report.txt", page)
    assert_golden("queries.txt", "\n".join(f"{QUERIES[n]}\n{text}" for n, text in answers.items()))
