"""``task=rademacher``: fitting random signs."""

import json

import numpy as np
import pytest
import torch
from scipy import stats

from nullfit import assembly
from nullfit.errors import UserError
from nullfit.results.task_run import TaskRun
from nullfit.tasks.rademacher import draws as drawing
from nullfit.tasks.rademacher.section import sections
from nullfit.tasks.rademacher.signs import with_signs
from nullfit.tasks.rademacher.task import RademacherSettings, rademacher
from tests.report.by_hand import material

SETTINGS = RademacherSettings(draws=3)
FAST = (
    *("task=rademacher", "data.train_limit=60", "rademacher.draws=3", "optimizer.lr=0.1"),
    *("trainer.stop_at_train_accuracy=1.0", "trainer.max_epochs=100"),
)


def folder_of(config, tmp_path):
    return tmp_path / "outputs" / config.study / config.job


def test_signs_are_fair_independent_and_follow_from_seed_and_draw(tiny_config) -> None:
    data = assembly.randomized_data(tiny_config("data.train_limit=1000"))
    first, again, other = (
        with_signs(data, seed=0, draw=d).train.labels.double() * 2 - 1 for d in (0, 0, 1)
    )
    assert torch.equal(first, again)
    limit = stats.norm.isf(1e-6) * len(first) ** 0.5
    assert abs(first.sum()) < limit
    assert abs((first * other).sum()) < limit
    assert with_signs(data, 0, 0).train.images is data.train.images


def test_a_large_network_fits_all_signs_and_predicts_none(tiny_config, tmp_path) -> None:
    config = tiny_config(*FAST)
    folder = folder_of(config, tmp_path)
    result = rademacher(config, folder, rademacher=SETTINGS)
    assert result["metrics"]["train/correlation"] == 1.0
    assert abs(result["metrics"]["test/correlation"]) < 0.3  # three draws of 100 signs
    assert result["metrics"]["gap_bound"] > 1
    assert result["rademacher"]["fitted"] == 3
    arrays = np.load(folder / "arrays.npz")
    assert arrays["correlation_by_epoch"].shape[0] == 3
    assert (arrays["correlation_by_epoch"][:, -1] == 1).all()
    assert rademacher(config, folder, rademacher=SETTINGS) == json.loads(
        (folder / "result.json").read_text()
    )
    (shown,) = sections(material([TaskRun(folder, result, {})]))
    assert shown.table is not None
    assert shown.table.loc[0, "correlation"] == "1.000"


def test_a_linear_classifier_of_few_inputs_does_not(tiny_config, tmp_path, capsys) -> None:
    config = tiny_config(
        *FAST, "model=mlp", "model.hidden=[]", "data.train_limit=600", "trainer.max_epochs=30"
    )
    folder = folder_of(config, tmp_path)
    found = rademacher(config, folder, rademacher=SETTINGS)
    # At most √(d/n) for d + 1 = 65 weights in least squares; far below one, well above zero.
    assert 0.15 < found["metrics"]["train/correlation"] < 0.6
    low, high = found["rademacher"]["low"], found["rademacher"]["high"]
    assert low < found["metrics"]["train/correlation"] < high
    # A lower bound of the complexity implies no upper bound of anything.
    assert json.loads((folder / "result.json").read_text())["metrics"]["gap_bound"] is None
    assert "no bound follows" in capsys.readouterr().out
    (shown,) = sections(material([TaskRun(folder, found, {})]))
    assert shown.table is not None
    assert shown.table.loc[0, "bound"] == "–"
    assert "no bound follows" in shown.warnings[0]


def test_draws_that_are_done_are_kept_when_it_is_interrupted(
    tiny_config, tmp_path, monkeypatch, capsys
) -> None:
    config = tiny_config(*FAST, "hydra/launcher=fused")
    whole = rademacher(config, folder_of(config, tmp_path / "whole"), rademacher=SETTINGS)
    folder = folder_of(config, tmp_path / "cut")
    kept = drawing._keep

    def pull_the_plug(draw, place) -> None:
        if (folder / "draws").exists() and any(folder.glob("draws/*/draw.json")):
            raise KeyboardInterrupt
        kept(draw, place)

    with monkeypatch.context() as patch:
        patch.setattr(drawing, "_keep", pull_the_plug)
        with pytest.raises(KeyboardInterrupt):
            rademacher(config, folder, rademacher=SETTINGS)
    (done,) = folder.glob("draws/*/draw.json")
    before = done.stat().st_mtime_ns
    again = rademacher(config, folder, rademacher=SETTINGS)
    assert done.stat().st_mtime_ns == before
    assert "going on after 1 of " in capsys.readouterr().out
    assert again["metrics"] == pytest.approx(whole["metrics"])


def test_corrupted_labels_are_refused(tiny_config, tmp_path) -> None:
    config = tiny_config(*FAST, "corruption=random_labels")
    with pytest.raises(UserError, match="no effect on task=rademacher"):
        rademacher(config, tmp_path / "job", rademacher=SETTINGS)
    assert not (tmp_path / "job").exists()
