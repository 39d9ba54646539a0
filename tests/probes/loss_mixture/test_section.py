"""The report's section on probes: a row for each setting, a figure for each run."""

from pathlib import Path

import numpy as np

from nullfit.charts import page
from nullfit.probes.loss_mixture.section import sections
from nullfit.probes.loss_mixture.separation import Separation
from nullfit.report.section import TaskRun
from nullfit.results.result import write_arrays
from tests.report.by_hand import material


def run(folder: Path, area: float | None, seed: int, **found: object) -> TaskRun:
    random = np.random.default_rng(seed)
    shown = Separation(
        random.random(50).astype(np.float32), np.arange(50) % 2 == 0, np.linspace(0, 1, 9),
        np.ones((9, 2)), np.array([1, 2]), np.full((2, 2), 0.9),
    )  # fmt: skip
    write_arrays(folder / f"run{seed}", **shown.arrays())
    fields = {
        "mixture": "beta", "losses": "mean", "precision": 0.5, "recall": 0.25,
        "area_under_curve": area, "estimated_noise_level": 0.4, "true_noise_level": 0.36, **found,
    }  # fmt: skip
    result = {
        "task": "train", "seed": seed, "model": {"name": "mlp<b>"}, "data": {"name": "digits"},
        "corruption": {"name": "random_labels", "labels_changed": 0.36, "probability": 0.4},
        "loss_mixture": fields,
    }  # fmt: skip
    return TaskRun(folder / f"run{seed}", result, {"trainer": {"max_epochs": 10}})


def section(runs):
    (made,) = sections(material(runs))
    return made


def test_seeds_of_a_setting_share_a_row(tmp_path: Path) -> None:
    found = section(
        [run(tmp_path, 0.9, 0), run(tmp_path, 0.8, 1), run(tmp_path, 0.7, 2, losses="last")]
    )
    assert found.table is not None
    assert found.table["n"].tolist() == ["2", "1"]
    assert found.table["at most epochs"].tolist() == ["10", "10"]
    assert found.table["area under curve"].tolist() == ["0.850 ± 0.071", "0.700"]
    assert found.table["corruption"].tolist() == ["random labels 40 %"] * 2
    assert not [column for column in found.table if "cleanlab" in column]
    assert [figure.title for figure in found.figures] == ["run0", "run1", "run2"]
    assert "no evidence" in found.warnings[0]


def test_cleanlab_stands_beside_where_it_was_asked(tmp_path: Path) -> None:
    beside = {"precision": 0.6, "recall": 0.7, "area_under_curve": 0.95}
    found = section([run(tmp_path, 0.9, 0, cleanlab=beside), run(tmp_path, None, 1, losses="last")])
    assert found.table is not None
    assert found.table["cleanlab: area under curve"].tolist() == ["0.950", "–"]
    assert found.table["area under curve"].tolist() == ["0.900", "–"]


def test_a_run_that_diverged_has_a_row_and_no_figure(tmp_path: Path) -> None:
    broken = TaskRun(
        tmp_path,
        {
            **run(tmp_path, None, 0).result,
            "loss_mixture": {
                "why": "no losses", "precision": None, "recall": None, "area_under_curve": None,
                "estimated_noise_level": None, "true_noise_level": 0.36,
            },
        },
        {},
    )  # fmt: skip
    found = section([broken])
    assert found.table is not None
    assert found.table["mixture"].tolist() == ["–"]
    assert found.figures == []


def test_a_figure_says_what_run_it_is_of(tmp_path: Path) -> None:
    (named,) = section([run(tmp_path, 0.9, 0)]).figures
    assert named.stem == "loss_mixture_run0"
    assert named.figure.note == (
        "Data: digits, random labels 40 %; mlp<b>. One run, seed 0; 50 samples, counted in 7 bins."
    )
    assert "mlp<b>" not in page.html(named.figure, "one")
