"""`task=sweep_file`: W&B's own commands carry out the grid, against a server of this machine."""

import json
import os
import sys
from pathlib import Path

import pytest
import yaml

from tests.command_line import carry_out
from tests.commands import ENTRY, run_command
from tests.tracking.wandb_server import SWEEP, wandb_server

pytestmark = pytest.mark.slow

TINY = "data.train_limit=100 data.test_limit=50 trainer.max_epochs=2 trainer.progress=false"


def written(folder: Path, grid: str) -> dict:
    answer = carry_out(folder, "task=sweep_file", f"sweep_file.grid={grid}")
    assert answer.code == 0, answer.err
    return yaml.safe_load((folder / "sweep.yaml").read_text())


def test_agents_carry_out_the_grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WANDB_MODE")
    grid = f"corruption=none,random_labels study=swept seed=3 logger.patience=60 {TINY}"
    sweep = written(tmp_path, grid)
    (tmp_path / "run.py").symlink_to(ENTRY)  # as in a clone
    own = Path(sys.executable).parent
    environment = {
        "PATH": f"{own}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "WANDB_API_KEY": "0" * 40,
    }
    with wandb_server() as (address, server):
        environment["WANDB_BASE_URL"] = address
        for words in (("sweep", "sweep.yaml"), ("agent", f"team/nullfit/{SWEEP}")):
            done = run_command(*words, cwd=tmp_path, env=environment, script=own / "wandb")
            assert done.returncode == 0, done.stderr
            if words[0] == "sweep":
                assert f"wandb agent team/nullfit/{SWEEP}" in done.stderr
        assert server.sweep["command"] == sweep["command"]
        assert server.handed_out == [{"corruption": "none"}, {"corruption": "random_labels"}]
        # each run is that of the sweep, with its history
        assert server.sweeps == {"sweeprun0": SWEEP, "sweeprun1": SWEEP}
        assert {run: len(lines) >= 2 for run, lines in server.lines.items()} == {
            "sweeprun0": True,
            "sweeprun1": True,
        }
    results = [json.loads(p.read_text()) for p in tmp_path.glob("outputs/swept/*/result.json")]
    assert {(r["corruption"]["name"], r["seed"], r["epochs"]) for r in results} == {
        ("none", 3, 2),
        ("random_labels", 3, 2),
    }


def test_its_runs_are_those_of_the_same_grid(tmp_path: Path) -> None:
    sweep = written(
        tmp_path, "model=mlp model.hidden=[2],[3,4] optimizer.lr=0.1,1e-2 seed=range(2)"
    )
    assert {key: axis["values"] for key, axis in sweep["parameters"].items()} == {
        "model.hidden": ["[2]", "[3,4]"],
        "optimizer.lr": [0.1, 0.01],
        "seed": [0, 1],
    }
    assert sweep["method"] == "grid"
    assert sweep["command"] == [
        *("python", "run.py", "logger=wandb", "logger.mode=online", "model=mlp"),
        "${args_no_hyphens}",
    ]


def test_an_experiment_s_grid_is_one(tmp_path: Path) -> None:
    sweep = written(tmp_path, "experiment=digits seed=0,1 logger.project=mine logger.entity=team")
    assert set(sweep["parameters"]) == {"model", "corruption", "seed"}
    assert (sweep["name"], sweep["project"], sweep["entity"]) == ("digits", "mine", "team")


def test_options_of_ones_own_go_along(tmp_path: Path) -> None:
    (tmp_path / "own/experiment").mkdir(parents=True)
    (tmp_path / "own/experiment/x.yaml").write_text("# @package _global_\nseed: 7\n")
    words = ("--config-dir", "own", "task=sweep_file", "sweep_file.grid=experiment=x seed=1,2")
    assert carry_out(tmp_path, *words).code == 0
    command = yaml.safe_load((tmp_path / "sweep.yaml").read_text())["command"]
    assert command[2:4] == ["--config-dir", str(tmp_path / "own")]


@pytest.mark.parametrize(
    ("grid", "told"),
    [
        ("experiment=table_3", "is a union of several grids"),
        ("modle=mlp", "modle is not a setting. Did you mean model?"),
        ("seed=0,-1", "seed=-1 is not allowed"),
        ("logger=csv seed=0,1", "sweep_file.grid has logger=csv"),
        ("logger.mode=offline seed=0,1", "sweep_file.grid has logger.mode=offline"),
        ("-m seed=0,1", "sweep_file.grid has -m"),
        ("seed=1", "sweep_file.grid is one run"),
        ("study='a", "cannot be read: No closing quotation"),
    ],
)
def test_it_refuses(tmp_path: Path, grid: str, told: str) -> None:
    answer = carry_out(tmp_path, "task=sweep_file", f"sweep_file.grid={grid}")
    assert answer.code == 2
    assert told in answer.err
    assert not list(tmp_path.iterdir())


def test_a_file_of_a_stranger_does_not_write_commands(tmp_path: Path) -> None:
    (tmp_path / "own/experiment").mkdir(parents=True)
    (tmp_path / "own/experiment/x.yaml").write_text(
        "# @package _global_\ndefaults: [override /task: sweep_file]\n"
        "sweep_file: {grid: outputs=/elsewhere}\n"
    )
    answer = carry_out(tmp_path, "--config-dir", "own", "experiment=x")
    assert answer.code == 2
    assert "sweep_file.grid=outputs=/elsewhere comes from" in answer.err
