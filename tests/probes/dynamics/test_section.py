"""The report's section: a row for each setting, map, histograms and pictures for each run."""

from pathlib import Path

import numpy as np

from nullfit.charts import page
from nullfit.probes.dynamics import figures
from nullfit.probes.dynamics.section import sections
from nullfit.probes.dynamics.shown import Shown
from nullfit.probes.dynamics.statistics import SCORES
from nullfit.report.section import Section, TaskRun
from nullfit.results.result import write_arrays
from tests.report.by_hand import material


def run(folder: Path, seed: int, forgetting: list[float], area: float | None = 0.9) -> TaskRun:
    random, n = np.random.default_rng(seed), len(forgetting)
    scores = {name: random.random(n).astype(np.float32) for name in SCORES}
    scores["forgetting"] = np.array(forgetting, dtype=np.float32)
    shown = Shown(
        np.arange(n) % 2 == 0, np.arange(4), np.zeros((4, 1, 5, 5), np.uint8),
        np.array([0, 1, 0, 1]), np.array([0, 1, 1, 1]),
    )  # fmt: skip
    write_arrays(folder / f"run{seed}", **scores, **shown.arrays())
    fields = {
        "never_learnt": float(np.isinf(scores["forgetting"]).mean()),
        "never_forgotten": float((scores["forgetting"] == 0).mean()),
        "area_under_curve": dict.fromkeys(SCORES, area),
    }
    result = {
        "task": "train", "seed": seed, "model": {"name": "mlp<b>"},
        "data": {"name": "digits", "class_names": ["zero", "one"]},
        "corruption": {"name": "random_labels", "labels_changed": 0.36, "probability": 0.4},
        "dynamics": fields,
    }  # fmt: skip
    return TaskRun(folder / f"run{seed}", result, {"seed": seed, "trainer": {"max_epochs": 10}})


def section(runs: list[TaskRun]) -> Section:
    (made,) = sections(material(runs))
    return made


def test_seeds_of_a_setting_share_a_row(tmp_path: Path) -> None:
    made = [
        run(tmp_path, 0, [0, 0, 0, np.inf], 0.8),
        run(tmp_path, 1, [0, 1, 0, 0], 0.9),
    ]
    found = section(made)
    assert found.table is not None
    (row,) = found.table.to_dict("records")
    assert row["n"] == "2"
    assert row["never learnt"] == "12.5% (0.0% … 25.0%)"
    assert row["never forgotten"] == "75.0% (75.0% … 75.0%)"
    assert row["never forgotten in any run"] == "50.0%"
    assert row["area: aum"] == "0.850"
    assert [figure.title for figure in found.figures] == ["run0", "run1"]
    assert [picture.title for picture in found.pictures] == ["run0", "run1"]
    assert "none of the scores says that a label is wrong" in found.warnings[0]


def test_other_samples_are_not_compared(tmp_path: Path) -> None:
    found = section([run(tmp_path, 0, [0, 0, 1, 1]), run(tmp_path, 1, [0, 0, 1, 1, 1])])
    assert found.table is not None
    assert "never forgotten in any run" not in found.table


def test_a_run_without_corruption_or_scores_has_a_row(tmp_path: Path) -> None:
    found = section([run(tmp_path, 0, [0, 0, 1, 1], None)])
    assert found.table is not None
    assert list(found.table)[-2:] == ["never learnt", "never forgotten"]  # and no areas
    broken = run(tmp_path, 0, [0, 0, 1, 1], None)
    (tmp_path / "run0" / "arrays.npz").unlink()
    broken.result["dynamics"] = {"area_under_curve": dict.fromkeys(SCORES), "why": "diverged"}
    found = section([broken])
    assert found.table is not None
    assert list(found.table)[-1] == "n"
    assert found.figures == []
    assert found.pictures == []


def test_a_figure_says_what_it_shows_and_leaves_out(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(figures, "_MOST_POINTS", 3)
    (named,) = section([run(tmp_path, 0, [0, 0, 2, np.inf, 1])]).figures
    assert named.figure.note == (
        "Data: digits, random labels 40 %; mlp<b>. One run, seed 0; 5 samples, of which the map "
        "shows 3; 1 were never learnt and have no count of events."
    )
    points, events = (panel.chart for panel in named.figure.panels[:2])
    assert sorted(points.data["sample"]) == [0, 2, 4]
    assert points.data["series"].tolist() == [1, 1, 1]  # even ones are corrupted
    assert events.data["samples"].sum() == 4
    assert "mlp<b>" not in page.html(named.figure, "one")
