"""An environment that nobody meant for nullfit changes nothing of what a run writes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nullfit.tracking.record_file import read_records
from tests.commands import ENTRY, run_command
from tests.pinned import assert_same
from tests.system.test_first_process import INSIDE

pytestmark = pytest.mark.slow

SMALL = ("trainer.max_epochs=1", "data.train_limit=100", "job=job")
# A user who is in no list of users, as in containers that run under any number.
NOBODY = "import pwd\npwd.getpwuid = pwd.getpwnam = lambda _: {}[_]\n"
START = f"import runpy, sys\nsys.argv[0] = {str(ENTRY)!r}\n"
START += "runpy.run_path(sys.argv[0], run_name='__main__')"
# What is set, what is taken away, and what Python does first.
HOSTILE: dict[str, tuple[dict[str, str], tuple[str, ...], str]] = {
    "a notebook's shell, in a narrow terminal": (
        {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "JPY_PARENT_PID": "1",
         "COLUMNS": "20", "LINES": "2", "TERM": "dumb", "FORCE_COLOR": "1"},
        (),
        "",
    ),
    "a console of few letters, no home, a third of four processes, optimized": (
        {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0",
         "PYTHONCOERCECLOCALE": "0", "TZ": "Asia/Kathmandu", "LANGUAGE": "tr",
         "TERM": "", "COLUMNS": "0",
         # Where pytest keeps things: what is compiled for it stays for the next run.
         **INSIDE, "PYTHONOPTIMIZE": "2",
         "PYTHONPYCACHEPREFIX": str(ENTRY.with_name(".pytest_cache") / "optimized")},
        ("LANG", "HOME", "USER", "LOGNAME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "NULLFIT_DATA"),
        NOBODY,
    ),
}  # fmt: skip


def run(folder: Path, *words: str, hostile: tuple[dict[str, str], tuple[str, ...], str]) -> str:
    variables, without, before = hostile
    kept = {name: value for name, value in os.environ.items() if name not in without}
    done = subprocess.run(
        [sys.executable, "-c", before + START, *SMALL, *words],
        cwd=folder,
        env={**kept, **variables},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("calm")
    done = run_command(*SMALL, "logger=csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "outputs/default/job"


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=list(HOSTILE))
def test_a_run_writes_what_a_calm_one_writes(
    hostile: tuple[dict[str, str], tuple[str, ...], str], calm: Path, tmp_path: Path
) -> None:
    # W&B's record has a figure in it.
    run(tmp_path, "logger=wandb" if "MPLBACKEND" in hostile[0] else "logger=csv", hostile=hostile)
    assert_same(tmp_path / "outputs/default/job", calm)


def test_variables_of_wandb_are_heard_unless_the_setting_is_given(tmp_path: Path) -> None:
    variables = {
        **{"WANDB_PROJECT": "mine", "WANDB_ENTITY": "theirs", "WANDB_MODE": "dryrun"},
        **{"WANDB_DIR": "elsewhere", "WANDB_RUN_ID": "x", "WANDB_NAME": "x"},
    }
    done = run_command(*SMALL, "logger=wandb", "logger.entity=team", cwd=tmp_path, env=variables)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    (record,) = tmp_path.glob("outputs/default/job/wandb/offline-run-*/*.wandb")
    (told,) = (m.run for m in read_records(record)[0] if m.WhichOneof("record_type") == "run")
    assert (told.project, told.entity, told.display_name) == ("mine", "team", "job")
    assert "WANDB_DIR is not used" in done.stdout + done.stderr
    assert not (tmp_path / "elsewhere").exists()
