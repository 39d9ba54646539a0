"""Modules that lie where a command is started are not imported, in no process of it."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.commands import run_command
from tests.launchers import grid

MODULES = (
    *("nullfit", "hydra", "omegaconf", "torch", "lightning_fabric", "wandb", "joblib", "ray"),
    *("cloudpickle", "numpy", "sitecustomize", "usercustomize", "click", "yaml", "psutil"),
)
COMMANDS = {
    "a grid": ("trainer.max_epochs=1",),
    "a grid of processes": ("trainer.max_epochs=1", "hydra/launcher=joblib"),
    "a grid on Ray": ("trainer.max_epochs=1", "hydra/launcher=ray"),
    "a record": ("trainer.max_epochs=1", "logger=wandb", "logger.mode=online"),
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=list(COMMANDS))
def test_no_module_of_the_working_folder_is_imported(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    if "hydra/launcher=ray" in words and find_spec("ray") is None:
        pytest.skip("Ray is not installed")
    for name in MODULES:
        (tmp_path / f"{name}.py").write_text(
            f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r})"
        )
    nobody = {"WANDB_BASE_URL": "http://127.0.0.1:9", "HOME": str(tmp_path)}
    done = grid.run(tmp_path, *words, "seed=0", **nobody, **grid.AT_ONCE)
    assert not (tmp_path / "ran").exists(), (tmp_path / "ran").read_text()
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("outputs/default/*/result.json"))) == 1
    recorded = list(tmp_path.glob("outputs/default/*/wandb/offline-run-*/*.wandb"))
    assert len(recorded) == int("logger=wandb" in words)


def test_settings_of_matplotlib_in_the_working_folder_are_not_obeyed(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nfont.size: 40\n")
    done = run_command("task=show", "study=a", "show.corruptions=[none]", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (tmp_path / "matplotlibrc").unlink()
    os.mkfifo(tmp_path / "matplotlibrc")
    again = run_command("task=show", "study=b", "show.corruptions=[none]", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    pictures = [next(tmp_path.glob(f"outputs/{study}/**/*.png")) for study in "ab"]
    assert pictures[0].read_bytes() == pictures[1].read_bytes()


def test_such_settings_are_not_opened(tmp_path: Path) -> None:
    # In a Python of its own: what is forked has imported Matplotlib, which reads them.
    os.mkfifo(tmp_path / "matplotlibrc")  # whoever opens it waits for ever
    code = "from nullfit.system.import_order import import_matplotlib_elsewhere as elsewhere\n"
    code += "elsewhere()\nimport matplotlib"
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, cwd=tmp_path, timeout=100, check=False).returncode == 0
