"""A small study with everything that a report has to cope with."""

import json
import shutil
from pathlib import Path

import pytest

from nullfit.config.compose import compose_run
from nullfit.config.composer import composer
from nullfit.config.validation import validate
from nullfit.tasks.report import report
from nullfit.tasks.train.task import train

NAUGHTY = "<b>&\"'</script>"  # a class name
TINY = (
    "study=small", "logger=csv", "trainer.progress=false", "trainer.max_epochs=3",
    "data.train_limit=120", "data.test_limit=100", "model=mlp", "optimizer.lr=0.1",
    "trainer.record_confusion=true",
)  # fmt: skip
GRID = (
    ("corruption=none",),
    ("corruption=none", "seed=1"),
    ("corruption=random_labels", "corruption.probability=0.5"),
    ("corruption=random_labels", "corruption.probability=1.0"),
    ("corruption=shuffled_pixels", "model.hidden=[16]"),
)


def config_of(outputs, *overrides):
    with composer():
        return validate(compose_run([f"outputs={outputs}", *overrides]))


@pytest.fixture(scope="session")
def outputs(tmp_path_factory):
    """Five finished runs, one of which is made out to have diverged, a failed and a cut-off one."""
    outputs = tmp_path_factory.mktemp("study") / "outputs"
    folders = []
    for overrides in GRID:
        config = config_of(outputs, *TINY, "model.hidden=[8]", *overrides)
        folders.append(outputs / "small" / config.job)
        train(config, folders[-1])
    change(folders[0], lambda result: result["data"]["class_names"].__setitem__(0, NAUGHTY))
    change(folders[1], lambda result: result["metrics"].update({"train/loss": None}))
    change(folders[1], lambda result: result.update(status="diverged"))
    leave(outputs / "small" / "failed-run", "failure.txt", "UserError: <i>no room</i>\n\ntrace")
    leave(outputs / "small" / "cut-off-run", "config.yaml", "seed: 0\n")
    (outputs / "small" / "cut-off-run" / "metrics.csv").write_text("epoch,step\n1,1\n2,2\n")
    return outputs


@pytest.fixture(scope="session")
def made(outputs):
    """The folder of the study's report."""
    folder = outputs / "small" / "report"
    report(config_of(outputs, "task=report", "study=small"), folder)
    return folder


@pytest.fixture
def copied(outputs, tmp_path, monkeypatch):
    """The study without its report, for changes; figures for print are not drawn, only named."""
    only_named(monkeypatch)
    ignored = shutil.ignore_patterns("report", "checkpoints")
    return Path(shutil.copytree(outputs, tmp_path / "outputs", ignore=ignored))


def only_named(monkeypatch):
    """Files of figures are empty from here on."""

    def named(figure, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        paths = [path.with_name(path.name + end) for end in (".pdf", ".svg", ".png")]
        for file in paths:
            file.write_bytes(b"")
        return paths

    monkeypatch.setattr(
        "nullfit.report.parts.print_figures",
        lambda figures: {path: named(figure, path) for path, figure in figures.items()},
    )
    monkeypatch.setattr("nullfit.charts.style.save", named)


def change(folder, edit):
    path = folder / "result.json"
    result = json.loads(path.read_text())
    edit(result)
    path.write_text(json.dumps(result))


def leave(folder, name, text):
    folder.mkdir()
    (folder / name).write_text(text)


@pytest.fixture
def naughty():
    return NAUGHTY
