"""What was computed with a fault that is mended since does not stand beside what is right."""

import json
from pathlib import Path

import pytest

from nullfit.console.messages import begin_anew
from nullfit.errors import UserError
from nullfit.results.database import Database
from nullfit.results.study import read_study
from nullfit.tasks.train.task import train

# The labels of a part of a set were drawn by the place in the part.
NUMBERED = ("corruption=random_labels", "study=mixed", "trainer.max_epochs=1")


def test_a_run_with_a_fault_that_is_mended_since_is_left_out(tiny_config, capsys) -> None:
    configs = [tiny_config(*NUMBERED, f"seed={seed}") for seed in (0, 1)]
    folders = [Path(config.outputs, "mixed", config.job) for config in configs]
    for config, folder in zip(configs, folders, strict=True):
        train(config, folder)
    outputs = configs[0].outputs
    assert len(read_study(outputs, "mixed").runs) == 2
    _as_before(folders[1])
    capsys.readouterr()
    study = read_study(outputs, "mixed")
    assert [run.result["seed"] for run in study.runs] == [0]
    assert "1 run is left out: a fault that is mended since" in capsys.readouterr().err
    begin_anew()
    assert Database(Path(outputs)).ask("select seed from runs").rows == [(0,)]
    assert "1 run is left out: a fault that is mended since" in capsys.readouterr().err
    _as_before(folders[0])
    with pytest.raises(UserError, match="has no finished run"):
        read_study(outputs, "mixed")
    with pytest.raises(UserError, match="has no finished run"):
        Database(Path(outputs))


def test_a_run_that_no_fault_had_changed_stays(tiny_config, capsys) -> None:
    config = tiny_config("corruption=shuffled_pixels", "study=right", "trainer.max_epochs=1")
    folder = Path(config.outputs, "right", config.job)
    train(config, folder)
    _as_before(folder)
    capsys.readouterr()
    assert len(read_study(config.outputs, "right").runs) == 1
    assert "left out" not in capsys.readouterr().err


def _as_before(folder: Path) -> None:
    """As a version wrote it that knew of no mended faults."""
    path = folder / "result.json"
    result = json.loads(path.read_text(encoding="utf-8"))
    del result["revisions"]
    path.write_text(json.dumps(result), encoding="utf-8")
