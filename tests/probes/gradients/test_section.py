"""The report's section: a row for each setting, settings of one network in one figure."""

from pathlib import Path

import numpy as np
import pytest

from nullfit.probes.gradients.section import sections
from nullfit.probes.gradients.stored import StoredCoherence
from nullfit.report.section import Section, TaskRun
from nullfit.results.result import write_arrays
from tests.charts.drawn import draw, entries_of, frames_of
from tests.report.by_hand import material

LAYERS = ["hidden.1", "head"]


def run(folder: Path, seed: int, corruption: str, epochs: int = 3) -> TaskRun:
    draws = np.random.default_rng(seed)
    values = draws.random((4, epochs, len(LAYERS) + 1, 3)) + 0.1
    counts = {"all": 80, "untouched": 80, "corrupted": 0}
    if corruption == "none":
        values[..., 2] = np.nan
    else:
        counts = {"all": 80, "untouched": 30, "corrupted": 50}
    stored = StoredCoherence(np.arange(1, epochs + 1), *values)
    name = f"{corruption}{seed}"
    found = {"samples": counts, "layers": LAYERS}
    write_arrays(folder / name, **stored.arrays())
    result = {
        "task": "train", "seed": seed, "model": {"name": "mlp<b>"}, "data": {"name": "digits"},
        "corruption": {"name": corruption, "labels_changed": 0.0}, "gradients": found,
    }  # fmt: skip
    config = {"seed": seed, "corruption": {"name": corruption}, "trainer": {"max_epochs": 3}}
    return TaskRun(folder / name, result, config)


def section(runs: list[TaskRun]) -> Section:
    (made,) = sections(material(runs))
    return made


def test_seeds_share_a_row_and_settings_a_figure(tmp_path: Path) -> None:
    runs = [run(tmp_path, seed, name, 2 + seed) for name in ("none", "random_labels")
            for seed in (0, 1)]  # fmt: skip
    found = section(runs)
    assert found.table is not None
    assert found.table["n"].tolist() == ["2", "2"]
    assert found.table["coherence: corrupted"][0] == "–"
    own = [StoredCoherence.of_arrays(one.arrays()) for one in runs[2:]]
    means = [float(one.within[:, -1, 2].mean()) for one in own if one is not None]
    expected = f"{np.mean(means):.3g} ({min(means):.3g} … {max(means):.3g})"
    assert found.table["one class: corrupted"][1] == expected
    first = [float(one.coherence[0, -1, 0]) for one in own if one is not None]
    expected = f"{np.mean(first):.3g} ({min(first):.3g} … {max(first):.3g})"
    assert found.table["coherence before training"][1] == expected
    compared, *alone = found.figures
    assert entries_of(compared.figure) == ["true labels", "random labels"]
    assert [entries_of(one.figure) for one in alone] == [
        ["all samples"],
        ["all samples", "untouched labels", "corrupted labels"],
    ]
    frame = frames_of(compared.figure.panels[0])[0]
    first = frame[(frame["series"] == 1) & (frame["epoch"] == 1)]
    values = [float(one.coherence[0, -1, 0]) for one in own if one is not None]
    assert first["mean"].item() == pytest.approx(np.mean(values))
    last = frame[(frame["series"] == 1) & (frame["epoch"] == 3)]  # which one run reached
    assert last["mean"].item() == pytest.approx(float(own[1].coherence[2, -1, 0]))
    before, mean = (frames_of(panel)[0] for panel in compared.figure.panels[-2:])
    assert before["layer"].tolist() == mean["layer"].tolist() == [*LAYERS, "all layers"] * 2
    at_first = [float(one.coherence[0, 1, 0]) for one in own if one is not None]
    assert before["mean"][4] == pytest.approx(np.mean(at_first))
    over_all = [float(one.coherence[:, 1, 0].mean()) for one in own if one is not None]
    assert mean["mean"][4] == pytest.approx(np.mean(over_all))
    for named in found.figures:
        assert "mlp<b>" not in draw(named.figure)[1]


def test_a_run_that_lost_its_arrays_has_a_row_and_no_figure(tmp_path: Path) -> None:
    made = run(tmp_path, 0, "none")
    (made.folder / "arrays.npz").unlink()
    found = section([made])
    assert found.table is not None
    assert found.table["coherence: all"].tolist() == ["–"]
    assert found.figures == []
