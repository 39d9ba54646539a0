"""`nullfit.run`, `nullfit.sweep`, `nullfit.study`, against the files of the command line."""

import json
import os
import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import pandas
import pytest
from PIL import Image

import nullfit
from nullfit.config.schema import RunConfig
from nullfit.errors import UserError
from nullfit.interactive.calls import _words
from nullfit.interactive.run_view import RunView
from nullfit.interactive.study_view import StudyView

SMALL = (
    "model=mlp",
    "model.hidden=[8]",
    "data.train_limit=100",
    "data.test_limit=50",
    "logger=csv",
)
SHORT = (*SMALL, "trainer.max_epochs=2", "trainer.progress=false")


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_run_is_that_of_the_command_line(working_folder: Path) -> None:
    argv, environment = list(sys.argv), dict(os.environ)
    run = nullfit.run(*SHORT, "corruption=random_labels", seed=3, study="one")
    assert (sys.argv, dict(os.environ)) == (argv, environment)
    (folder,) = (working_folder / "outputs" / "one").iterdir()
    assert run.folder == folder
    assert run.result == json.loads((folder / "result.json").read_text())
    assert run.config["seed"] == 3
    assert run.curves.equals(pandas.read_csv(folder / "metrics.csv"))
    assert run.metrics["test/accuracy"] == run.curves["test/accuracy"].iloc[-1]
    with np.load(folder / "arrays.npz") as arrays:
        assert arrays.files == list(run.arrays)
    assert run.verdict is not None
    assert run.verdict.startswith("not fitted: ")
    assert folder.name in repr(run)
    assert run.verdict.partition(";")[0] in run._repr_html_()
    with pytest.raises(UserError, match="probe=dynamics"):
        _ = run.samples


def test_what_is_finished_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    first = nullfit.run(*SHORT, seed=1)
    before = (first.folder / "result.json").stat().st_mtime_ns
    capsys.readouterr()
    again = nullfit.run(*SHORT, seed=1)
    assert again.folder == first.folder
    assert (again.folder / "result.json").stat().st_mtime_ns == before
    assert "finished before" in capsys.readouterr().out
    assert RunView.read(first.folder).result == first.result


def test_a_sweep_gives_its_study() -> None:
    study = nullfit.sweep(
        *SHORT, "probe=dynamics", corruption=["none", "random_labels"], seed=range(2), study="two"
    )
    assert sorted(study.runs["seed"]) == [0, 0, 1, 1]
    assert set(study.runs["corruption"]) == {"none", "random_labels"}
    assert len(study.curves) == 4 * 2
    assert study.curves["epoch"].max() == 2
    assert len(study.samples) == 4 * 100
    assert study.samples["job"].nunique() == 4
    counted = study.query("select corruption, count(*) as n from runs group by corruption")
    assert counted["n"].tolist() == [2, 2]
    assert repr(study) == "<nullfit study two, 4 runs>"
    assert "random labels" in study._repr_html_()
    other = nullfit.study("outputs/two")
    assert other.results["job"].tolist() == study.results["job"].tolist()


def test_a_study_has_no_runs_of_others() -> None:
    for name in ("here", "there"):
        nullfit.run(*SHORT, study=name)
    assert nullfit.study("outputs/here").runs["study"].tolist() == ["here"]


def test_figures_are_those_of_the_report(working_folder: Path) -> None:
    study = nullfit.sweep(*SHORT, corruption=["none", "random_labels"], study="drawn")
    names = list(study.figures)
    assert "learning_curves" in names
    figure = study.figures["learning"]
    assert figure._repr_png_().startswith(b"\x89PNG")
    saved = figure.save(working_folder / "curves.png")
    assert {path.name for path in saved} == {"curves.pdf", "curves.svg", "curves.png"}
    with pytest.raises(UserError, match=r"a figure is written as \.pdf, \.svg, \.png"):
        figure.save("curves.jpg")
    with pytest.raises(UserError, match=r"there is no figure 'nothing'\. Allowed: "):
        _ = study.figures["nothing"]
    with pytest.raises(UserError, match=r"^'curves' may be .*learning_curves"):
        _ = study.figures["curves"]
    page = study.report()
    assert page == working_folder / "outputs" / "drawn" / "report" / "index.html"
    card = study.card("Does it learn?")
    assert card == working_folder / "outputs" / "drawn" / "study.md"
    assert "Does it learn?" in card.read_text()
    drawn = {path.stem for path in (page.parent / "figures").glob("*.pdf")}
    assert set(names) <= drawn


def test_a_report_draws_own_samples_from_the_folder_that_it_is_told(
    working_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(0)
    for number in range(20):
        file = Path("own", "train" if number < 16 else "test", "ab"[number % 2], f"{number}.png")
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (28, 28, 3), dtype=np.uint8)).save(file)
    words = ["data=image_folder", "data.root=own", "corruption=random_labels", *SHORT]
    words += ["data.train_limit=null", "data.test_limit=null"]
    study = nullfit.sweep(*words, study="mine")
    assert "learning_curves" in study.figures
    assert "give data.root" not in capsys.readouterr().err  # which figures could not be given
    study.report()
    assert "give data.root=own" in capsys.readouterr().err
    drawn = study.report("data.root=own").parent / "figures"
    assert "data.root" not in capsys.readouterr().err
    assert list(drawn.glob("*samples*.png"))
    with pytest.raises(UserError, match=r"Did you mean data\.root"):
        study.report("data.roo=own")
    with pytest.raises(UserError, match=r"no such folder.* Did you mean data\.root=own\?"):
        study.report("data.root=owns")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["modell=mlp"], "Did you mean model?"),
        (["seed=0,1"], "use nullfit.sweep for a grid"),
        (
            ["model=[mlp,lenet]", "study=two"],
            "For a run of each: nullfit.sweep('model=mlp,lenet', 'study=two')",
        ),
        (["-m"], "'-m' is no setting"),
        (["task=report"], "leaves no run: nullfit.study"),
        (["data.train_limit=-1"], "data.train_limit"),
    ],
)
def test_errors_are_for_python(words: list[str], message: str, working_folder: Path) -> None:
    with pytest.raises(UserError) as caught:
        nullfit.run(*words)
    assert message in str(caught.value)
    assert "python run.py" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value._render_traceback_() == [f"nullfit: {caught.value}"]
    assert list(working_folder.iterdir()) == []


def test_a_study_that_is_not_there_is_named(working_folder: Path) -> None:
    (working_folder / "outputs" / "empty" / "job").mkdir(parents=True)
    with pytest.raises(UserError, match=r"nullfit\.sweep\('study=empty', 'corruption=none,"):
        nullfit.study("outputs/empty")
    with pytest.raises(UserError, match=r"Did you mean 'outputs/empty'\?"):
        nullfit.study("empty")
    with pytest.raises(UserError, match="study=lacking does not exist"):
        nullfit.study("outputs/lacking")


def test_failed_runs_of_a_sweep_leave_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def claimed(config: RunConfig, folder: Path) -> AbstractContextManager[None]:
        if config.seed == 0:
            raise RuntimeError("broken")
        return nullcontext()

    monkeypatch.setattr("nullfit.runs.job._claimed", claimed)
    with pytest.raises(UserError, match=r"^1 of 2 jobs failed, mlp-.*: RuntimeError: broken") as e:
        nullfit.sweep(*SHORT, seed=[0, 1], study="some")
    where = str(e.value).partition("nullfit.study(")[2].partition(")")[0].strip("'")
    assert nullfit.study(where).runs["seed"].tolist() == [1]
    with pytest.raises(RuntimeError, match="broken"):
        nullfit.run(*SHORT, seed=0, study="some")


def test_values_are_written_as_hydra_reads_them() -> None:
    settings = {"a": None, "b": True, "c": 0.5, "d": "null", "e": "x y", "f": [1, "z"]}
    assert _words([], settings) == ["a=null", "b=true", "c=0.5", "d='null'", "e='x y'", "f=[1,z]"]
    lists = {"seed": range(3), "hidden": [[8], [8, 8]], "corruption": {"name": "none"}}
    assert _words(["k=v"], lists, lists=True) == [
        *("k=v", "seed=0,1,2", "hidden=[8],[8,8]", "corruption={name:none}"),
    ]


def test_importing_is_cheap() -> None:
    code = "import nullfit, sys; print({'torch', 'hydra', 'pandas'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_names_that_are_not_there_are_an_error() -> None:
    assert nullfit.study is nullfit.interactive.study
    assert isinstance(StudyView(Path("x")), StudyView)
    with pytest.raises(AttributeError, match="no attribute 'sweeps'"):
        _ = nullfit.sweeps  # type: ignore[attr-defined]
