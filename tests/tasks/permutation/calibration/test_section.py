from pathlib import Path

import numpy as np
import pandas
import pytest

from nullfit.report.section import TaskRun
from nullfit.tasks.permutation.calibration.cell import Cell, Regime
from nullfit.tasks.permutation.calibration.figures import calibration, panels
from nullfit.tasks.permutation.calibration.full_table import full_tables, markdown
from nullfit.tasks.permutation.calibration.methods import methods
from nullfit.tasks.permutation.calibration.rates import rates_table, verdicts
from nullfit.tasks.permutation.calibration.results_files import read_rates, write_tables
from nullfit.tasks.permutation.calibration.section import sections
from tests.charts.drawn import draw, frames_of
from tests.report.by_hand import material

BROKEN = "feature"


def cell(situation: str, samples: int) -> Cell:
    regime = Regime(
        situations=[situation],
        samples=[samples],
        weight_decay=[0],
        nulls=["feature", "conditional", "nonlinearity"],
        replicates=19,
        hidden=[8],
        steps=1,
        lr=0.1,
        batch_size=10,
    )
    return Cell(situation, samples, "moderate", 0.0, regime)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Uniform p-values, but for ``feature``, which rejects half of the time, more at n = 300."""
    grid = np.arange(1, 21) / 20
    found = {}
    for situation, samples in (("correlated", 100), ("correlated", 300), ("none", 100)):
        one = cell(situation, samples)
        p = np.tile(grid[:, None, None], (5, len(methods(one)), 2))
        for number, method in enumerate(methods(one)):
            if method.null == BROKEN:
                p[: samples // 6, number] = 0.05
        found[one] = p
    rates = rates_table(found)
    write_tables(tmp_path, rates, verdicts(rates))
    (_, errors), *power = panels(rates.reset_index(drop=True))
    assert errors[errors.null == BROKEN].groupby("situation").samples.max().tolist() == [300, 100]
    assert len(power) == 2  # moderate with 100 and 300 samples
    text = markdown(full_tables(rates))
    broken = [line for line in text.splitlines() if "✗" in line]
    assert len(broken) == 4  # correlated x2 twice; none x1 and x2
    assert all(line.count("✗") == 2 for line in broken)  # squared and share
    return tmp_path


def test_a_calibration_of_an_earlier_version_is_read(folder: Path) -> None:
    """It has no column of adjustments."""
    for name in ("rates.csv", "verdicts.csv"):
        pandas.read_csv(folder / name).drop(columns="adjustment").to_csv(folder / name, index=False)
    (shown,) = sections(material([TaskRun(folder, {}, {})]))
    assert shown.warnings == [
        "Tests that do not keep their level: squared × feature, share × feature."
    ]
    assert "adjusted by" not in shown.table


def test_families_stand_in_panels_of_their_adjustments(tmp_path: Path) -> None:
    regime = cell("none", 100).settings.model_copy(update={"family": True})
    family = Cell("none", 100, "family", 0.0, regime)
    grid = np.arange(1, 21) / 20
    p = np.tile(grid[:, None, None], (5, len(methods(family)), 1))
    rates = rates_table({family: p})
    write_tables(tmp_path, rates, verdicts(rates))
    assert [title for title, _ in panels(rates.reset_index(drop=True))] == [
        "Holm: errors", "Benjamini–Hochberg: errors",
    ]  # fmt: skip
    (shown,) = sections(material([TaskRun(tmp_path, {}, {})]))
    assert set(shown.table["adjusted by"]) == {"Holm", "Benjamini–Hochberg"}
    assert set(shown.table["mean power"]) == {"–"}
    assert [figure.title for figure in shown.figures] == ["familywise"]


def test_what_is_broken_is_said(folder: Path) -> None:
    (shown,) = sections(material([TaskRun(folder, {}, {})]))
    assert shown.warnings == [
        "Tests that do not keep their level: squared × feature, share × feature."
    ]
    assert shown.table is not None
    kept = dict(zip(shown.table.null, shown.table["keeps its level"], strict=True))
    assert kept["conditional"] == kept["freedman_lane"] == "yes"
    assert kept[BROKEN] == "no"
    assert [figure.title for figure in shown.figures] == ["nonlinearity", "relevance"]
    assert shown.figures[0].stem == f"nonlinearity_{folder.name}"


def test_cells_tell_the_rates_and_frame_what_is_above(folder: Path) -> None:
    rates = read_rates(folder)
    figure = calibration(rates[rates.kind == "relevance"])
    errors = figure.panels[0]
    assert [panel.title for panel in figure.panels] == [
        "type-I errors (%)", "power, moderate, n = 100 (%)", "power, moderate, n = 300 (%)",
    ]  # fmt: skip
    cells, framed = frames_of(errors)
    broken = cells[(cells["test"] == "share × feature") & (cells["situation"] == "correlated")]
    assert broken["percent"].tolist() == ["52"]
    assert broken["samples"].tolist() == [300]  # the worst cell
    assert {"t or F", "permutation importance", "squared × conditional"} <= set(cells["test"])
    assert set(framed["test"]) == {"squared × feature", "share × feature"}
    assert "100 data sets" in figure.note
    assert draw(figure)
    assert all(panel.lines < 30 for panel in figure.panels)
