"""The reference of results holds what results hold."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import nullfit
from nullfit.interactive import RunView
from tests.documentation.building import ROOT

PAGE = (ROOT / "docs" / "reference" / "results.md").read_text(encoding="utf-8")
TINY = ("logger=csv", "data.train_limit=100", "data.test_limit=50", "model=mlp", "model.hidden=[8]")
NOISE = ("corruption=random_labels", "corruption.probability=0.4")
# Of all: sections whose keys are settings of the corruption, names of packages or of classes.
OPEN = ("versions", "seeds", "accuracy_by_class")
FROM_A_RUN = (
    "evaluate",
    "rewind",
    "prediction_depth",
    "critical_samples",
    "measures",
    "clean",
    "pac_bayes",
)
FEW = {
    "critical_samples": ("critical_samples.samples=20",),
    "pac_bayes": ("pac_bayes.epochs=1", "pac_bayes.samples=20"),
}
TASKS = {
    "kernel": TINY,
    "expressivity": TINY,
    "rademacher": (*TINY, "trainer.max_epochs=2"),
    "implicit_regularization": (
        *("logger=csv", "data.train_limit=20", "implicit_regularization.steps=2000"),
        "implicit_regularization.filters=64",
    ),
    "factorization": ("logger=csv",),
    "memorization": (*TINY, *NOISE, "memorization.trainings=20", "trainer.max_epochs=2"),
    "permutation_test": (
        *(*TINY, "permutation_test.replicates=20", "permutation_test.null=labels"),
        *("permutation_test.patch=4", "trainer.max_epochs=2"),
    ),
    "capacity": (
        *("logger=csv", "model=mlp", "model.hidden=[2]", "data=gaussian", "data.dimensions=3"),
        *("capacity.classes=2", "capacity.draws=2", "capacity.starts=1", "capacity.tolerance=1.0"),
        *("capacity.patience=20", "trainer.max_epochs=20"),
    ),
}
PROBES = sorted({file.stem for file in (ROOT / "conf" / "probe").glob("*.yaml")} - {"none"})
pytestmark = pytest.mark.slow


def documented(task: str) -> set[str]:
    """The fields that the page names for a task, and for all."""
    sections = dict(re.findall(r"^## `?([\w ]+)`?\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))
    text = sections["Every result"] + sections[task]
    if "as of `train`" in text:
        text += sections["train"]
    return set(re.findall(r"`([^`\s]+)`", text))


def fields(result: dict[str, Any]) -> Iterator[str]:
    """Fields and those of their sections, as ``metrics.train/loss``."""
    for name, value in result.items():
        if isinstance(value, dict) and value and not name.startswith(OPEN):
            yield from (f"{name}.{key}" for key in value)
        else:
            yield name


def unknown(run: RunView) -> set[str]:
    """The fields of a result that the page does not name."""
    known = documented(run.result["task"])
    patterns = [re.escape(name).replace("<corruption>", r"\w+") for name in known]
    return {
        field
        for field in fields(run.result)
        if field not in known and not any(re.fullmatch(pattern, field) for pattern in patterns)
    }


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("outputs")


@pytest.fixture(scope="module")
def trained(outputs: Path) -> RunView:
    return nullfit.run(
        *(*TINY, *NOISE, "trainer.max_epochs=4", "trainer.keep_epochs=[0,1]"),
        *(f"probe=[{','.join(PROBES)}]", "data.val_fraction=0.1"),
        outputs=str(outputs),
    )


def test_of_a_training_with_probes(trained: RunView) -> None:
    assert unknown(trained) == set()


def test_of_further_test_sets(outputs: Path) -> None:
    words = (*TINY, "trainer.max_epochs=1", "data.test_corruptions=[random_pixels]")
    assert unknown(nullfit.run(*words, outputs=str(outputs), study="further")) == set()


@pytest.mark.parametrize("task", FROM_A_RUN)
def test_of_a_task_on_a_run(trained: RunView, outputs: Path, task: str) -> None:
    key = "checkpoint" if task == "evaluate" else f"{task}.run"
    words = (f"task={task}", f"{key}={trained.folder}", "logger=csv", *FEW.get(task, ()))
    assert unknown(nullfit.run(*words, outputs=str(outputs), study="on_it")) == set()


@pytest.mark.parametrize("task", TASKS)
def test_of_a_task(outputs: Path, task: str) -> None:
    run = nullfit.run(f"task={task}", *TASKS[task], outputs=str(outputs))
    assert unknown(run) == set()


def test_every_task_is_there() -> None:
    for file in (ROOT / "conf" / "task").glob("*.yaml"):
        assert f"`{file.stem}`" in PAGE, f"docs/reference/results.md lacks {file.stem}"
