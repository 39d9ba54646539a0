"""The command line as its users meet it: in a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import nullfit
from tests.commands import ENTRY, run_command
from tests.launchers.grid import breaking

pytestmark = pytest.mark.slow

LOADING = ": loading libraries and data …"
TINY = ["data.train_limit=200", "data.test_limit=100", "trainer.max_epochs=2", "logger=csv"]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Start ``python run.py …`` in an empty folder."""

    def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return run_command(*arguments, cwd=tmp_path, env=environment)

    return start


def test_a_run_writes_its_folder_and_says_so(run: Run, tmp_path: Path) -> None:
    done = run(*TINY, "corruption=random_labels", "study=first")
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "outputs/first").iterdir()
    assert folder.name.startswith("mlp_1x512-digits-random_labels_probability1.0-seed0-")
    there = {path.name for path in folder.iterdir()}
    assert there == {"config.yaml", "metrics.csv", "result.json", "arrays.npz", "checkpoints"}
    assert str(folder.relative_to(tmp_path)) in done.stdout
    assert "fitted" in done.stdout
    assert done.stderr == ""
    again = run(*TINY, "corruption=random_labels", "study=first")
    assert "finished before" in again.stdout


def test_another_study_trains_the_same_job_for_itself(run: Run, tmp_path: Path) -> None:
    first, second = (run(*TINY, "trainer.max_epochs=1", f"study={s}") for s in ("first", "second"))
    names = [path.parent.name for path in sorted(tmp_path.glob("outputs/*/*/result.json"))]
    assert len(names) == 2
    assert names[0] == names[1]
    for done in (first, second):
        assert "finished before" not in done.stdout


def test_a_process_that_has_to_load_libraries_says_so_first(tmp_path: Path) -> None:
    command = [sys.executable, str(ENTRY), "task=summary", "model=mlp", "logger=csv"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr == f"task=summary{LOADING}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["model=incepton"],
        ["+new.key=1"],
        ["trainer.max_epochs=0"],
        ["model=cnn_15x15"],
        ["data=mnist", "data.root=nowhere"],
        ["-m", "model=mlp_1x512,incepton"],
        ["task=table"],
    ],
    ids=" ".join,
)
def test_bad_input_exits_with_two_says_why_and_writes_nothing(
    run: Run, tmp_path: Path, arguments: list[str]
) -> None:
    done = run(*arguments, "logger=csv")
    assert done.returncode == 2
    message = [line for line in done.stderr.strip().splitlines() if not line.endswith(LOADING)]
    assert 1 <= len(message) <= 2
    assert message[0].startswith("nullfit: ")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_traceback_only_when_asked_for(run: Run) -> None:
    assert "Traceback" in run("model=incepton", HYDRA_FULL_ERROR="1").stderr


def test_a_grid_skips_what_is_finished_runs_what_is_new_and_survives_failures(
    run: Run, tmp_path: Path
) -> None:
    grid = ["-m", *TINY, "study=first", "trainer.progress=false"]
    half = breaking(tmp_path)
    first = run(*grid, "seed=0,1", half[0].partition(",")[0], half[1])
    assert first.returncode == 0, first.stderr
    assert len(list((tmp_path / "outputs/first").glob("*/result.json"))) == 2
    # Three jobs fail while they train, the new one of the other network still runs.
    second = run(*grid, "seed=0,1,2", *half)
    assert second.returncode == 1
    assert second.stdout.count("finished before") == 2
    assert len(list((tmp_path / "outputs/first").glob("*/result.json"))) == 3
    assert "3 of 6 jobs failed" in second.stderr
    assert second.stderr.count("ValueError: it breaks") == 2  # the traceback's, and ours
    assert second.stderr.count("Traceback") == 1
    table = run("task=table", "study=first")
    assert table.returncode == 0
    assert table.stdout.count("3 runs unfinished, not in the table, e.g. outputs/first/") == 1
    assert table.stdout.count("ValueError: it breaks") == 1


def test_evaluate_takes_the_settings_of_the_run(run: Run, tmp_path: Path) -> None:
    run(*TINY, "model.hidden=[16]", "corruption=random_labels")
    (folder,) = (tmp_path / "outputs/default").iterdir()
    done = run("task=evaluate", f"checkpoint={folder}", "logger=csv")
    assert done.returncode == 0, done.stderr
    assert "train/accuracy_true_labels" in done.stdout
    other = run("task=evaluate", f"checkpoint={folder}", "corruption=gaussian", "logger=csv")
    assert other.returncode == 0, other.stderr
    assert "train/accuracy_true_labels" not in other.stdout


# Ctrl+C at the 30th step.
INTERRUPTED = """
import os, signal
from nullfit.cli import main
from nullfit.training.classifier import Classifier

step = Classifier.training_step

def stopping(self, batch, batch_idx):
    if self.trainer.global_step == 30:
        os.kill(os.getpid(), signal.SIGINT)
    return step(self, batch, batch_idx)

Classifier.training_step = stopping
main()
"""


def test_an_interrupted_run_says_so_and_the_same_command_goes_on(run: Run, tmp_path: Path) -> None:
    command = [*TINY, "trainer.max_epochs=20", "trainer.stop_at_train_accuracy=null"]
    script = tmp_path / "interrupted.py"
    script.write_text(INTERRUPTED)
    stopped = run_command(*command, cwd=tmp_path, script=script)
    assert stopped.returncode == 130, stopped.stderr
    told = "stopped by SIGINT; a checkpoint was saved, and the same command goes on"
    assert told in stopped.stderr
    assert not list(tmp_path.glob("outputs/default/*/result.json"))
    assert "going on after epoch" in run(*command).stdout
    assert list(tmp_path.glob("outputs/default/*/result.json"))


# What is slow to import, and needed by a task at the earliest.
HEAVY = {
    *("torch", "torchvision", "torchmetrics", "pytorch_lightning", "jaxtyping", "pydantic"),
    *("numpy", "scipy", "sklearn", "statsmodels", "pandas", "duckdb", "joblib", "submitit", "ray"),
    *(
        "matplotlib",
        "altair",
        "vl_convert",
        "PIL",
        "rich",
        "jinja2",
        "wandb",
        "wandb_workspaces",
        "tensorboard",
    ),
}


def imported_by(*command: str) -> set[str]:
    """The packages that a Python process imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command], capture_output=True, text=True, check=True
    )
    modules = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines()]
    return {module.partition(".")[0] for module in modules}


def test_the_command_line_imports_nothing_heavy() -> None:
    assert not imported_by("-c", "import nullfit.cli") & HEAVY


@pytest.mark.parametrize("arguments", [["--help"], ["--cfg", "job"]], ids=" ".join)
def test_help_and_config_do_not_wait_for_torch(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 0
    assert "corruption" in done.stdout
    assert done.stderr == ""
    packages = imported_by(str(ENTRY), *arguments)
    assert "nullfit" in packages
    assert not packages & HEAVY


def test_its_own_version_is_told(run: Run) -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"nullfit {nullfit.__version__}\n")


@pytest.mark.parametrize("flag", ["-cn", "--config-name=other", "-cp", "--config-path=other"])
def test_the_configuration_is_nullfits_own(run: Run, flag: str) -> None:
    done = run(flag, *(["other"] if "=" not in flag else []))
    assert done.returncode == 2
    assert "=other is not allowed: the settings are those of conf/config.yaml" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_windows_is_refused_in_a_line() -> None:
    code = "import sys; sys.platform = 'win32'; import nullfit"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("nullfit runs on Linux and macOS. On Windows, run it in WSL")
    assert len(done.stderr.splitlines()) == 1


def test_equal_warnings_of_a_grids_jobs_are_told_once(run: Run, tmp_path: Path) -> None:
    for split in ("train", "test"):
        for name in "ab":
            folder = tmp_path / "images" / split / name
            folder.mkdir(parents=True)
            Image.new("RGB", (8, 8), "red" if name == "a" else "blue").save(folder / "0.png")
            (folder / "notes.txt").write_text("no image")
    data = ("data=image_folder", "data.root=images", "data.crop=null", "logger=csv")
    done = run("-m", *data, "trainer.max_epochs=1", "trainer.progress=false", "seed=0,1")
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == len(set(lines)), done.stderr


def test_what_only_reads_a_study_leaves_no_run_that_failed(run: Run, tmp_path: Path) -> None:
    answer = run("-m", "task=table", "study=missing,another")
    assert answer.returncode == 1
    assert "study=missing has no finished run" in answer.stderr
    assert not list(tmp_path.rglob("failure.txt"))
    assert not (tmp_path / "outputs" / "missing").exists()
