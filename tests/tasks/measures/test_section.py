"""The report's section on measures: rows, figures, and what goes with the gap."""

import numpy as np
import pytest

from nullfit.results.result import write_arrays
from nullfit.results.task_run import TaskRun
from nullfit.tasks.measures.names import MEASURES
from nullfit.tasks.measures.section import sections
from tests.charts.drawn import NAUGHTY, draw, entries_of, frames_of
from tests.report.by_hand import material

LEVELS = (0.0, 0.5, 1.0)


def entry(level: float, seed: int, network: str = "mlp_1x512", **changes) -> dict:
    fields = {m.field: 1.0 + level + 0.1 * seed if m.sign > 0 else 2.0 - level for m in MEASURES}
    return {
        "job": f"{network}-{level}-{seed}",
        "folder": "anywhere",
        "network": network,
        "data": "digits",
        "corruption": "random_labels",
        "label": f"random labels {100 * level:g} %",
        "level": level,
        "labels_changed": 0.9 * level,
        "seed": seed,
        "train_accuracy": 1.0,
        "test_accuracy": 0.9 - 0.8 * level,
        "gap": 0.1 + 0.8 * level,
        **fields,
        "parameters": 1000,
        "hessian_change": 1e-5,
        "undefined": {},
        **changes,
    }


@pytest.fixture
def study(tmp_path):
    def of(entries: list[dict], name: str = "first", **told) -> TaskRun:
        count = len(entries)
        quantiles = np.linspace(0, 1, 201) + np.arange(count)[:, None]
        normalized = np.full((count, 201), np.nan) if told.pop("none", False) else quantiles / 100
        folder = tmp_path / name
        write_arrays(folder, margins_quantiles=quantiles, normalized_margins_quantiles=normalized)
        tau = {m.field: {"tau": 0.5, "n": count} for m in MEASURES}
        tau["parameters"] = {"tau": None, "n": count}
        error = {m.field: {"sign_error": 0.25, "n": 6} for m in MEASURES}
        error["parameters"] = {"sign_error": None, "n": 0}
        measures = {
            "runs": entries,
            "left_out": {},
            "taken": {"run": f"outputs/{name}", "cost": 0.1, "rho": 0.05},
            "kendall": tau,
            "sign_error": {"corruption.probability": error},
            **told,
        }
        return TaskRun(folder, {"task": "measures", "seed": 0, "measures": measures}, {})

    return of


@pytest.fixture
def six(study) -> TaskRun:
    return study([entry(level, seed) for level in LEVELS for seed in (0, 1)])


def test_each_run_has_a_row(six):
    first, second = sections(material([six]))
    assert first.table is not None
    assert len(first.table) == 6
    assert first.table["test %"].tolist() == ["90.0", "90.0", "50.0", "50.0", "10.0", "10.0"]
    assert first.table["normalized margin"][0] == "2"
    assert first.numbers is not None
    assert first.numbers["gap"].tolist() == pytest.approx([0.1, 0.1, 0.5, 0.5, 0.9, 0.9])
    assert "at most 0.1 of" in first.text[1]
    assert second.table is not None
    row = second.table.set_index("measure").loc["margin, 10 %"]
    assert row["τ"] == "+0.50"
    assert row["corruption.probability: sign error"] == "0.25 (6 pairs)"
    assert "parameters" not in second.table["measure"].tolist()


def test_measures_stand_against_level_and_gap(six):
    level, gap, _ = (named.figure for named in sections(material([six]))[0].figures)
    assert entries_of(level) == ["MLP 1×512, random labels"]
    titles = [panel.title for panel in level.panels]
    assert "parameters" not in titles  # all the same
    means = frames_of(level.panels[titles.index("sum of Frobenius norms")])[-1]
    assert means["level"].tolist() == [0, 0.5, 1]
    assert means["mean"].tolist() == pytest.approx([1.05, 1.55, 2.05])
    assert means["high"].tolist() == pytest.approx([1.1, 1.6, 2.1])
    assert entries_of(gap) == ["random labels 0 %", "random labels 50 %", "random labels 100 %"]
    points = frames_of(gap.panels[titles.index("margin, 10 %")])[0]
    assert points["gap"].tolist() == pytest.approx([0.1, 0.1, 0.5, 0.5, 0.9, 0.9])
    assert points["value"].tolist() == [2, 2, 1.5, 1.5, 1, 1]
    assert points["series"].tolist() == [0, 0, 1, 1, 2, 2]
    draw(level)
    draw(gap)


def test_margins_are_means_of_quantiles(six):
    margins = sections(material([six]))[0].figures[-1].figure
    whole, normalized = (frames_of(panel)[0] for panel in margins.panels)
    first = whole[whole["series"] == 0]
    assert first["margin"].iloc[[0, -1]].tolist() == [0.5, 1.5]  # of 0 … 1 and 1 … 2
    assert first["share"].iloc[[0, -1]].tolist() == [0, 1]
    assert normalized["margin"].max() == pytest.approx(0.055)
    draw(margins)


def test_networks_have_margins_of_their_own_and_may_have_no_normalized_ones(study):
    told = [entry(0.0, 0), entry(0.0, 0, "wide_resnet_10")]
    figures = sections(material([study(told, none=True)]))[0].figures
    assert [named.title for named in figures] == [
        "first: margins, MLP 1×512",
        "first: margins, Wide ResNet 10",
    ]
    assert len(figures[0].figure.panels) == 1


def test_what_was_left_out_or_is_not_defined_is_told(study):
    reason = {"path_norm": "it has branches", "log_path_norm": "it has branches"}
    told = [
        entry(0.0, 0, undefined=reason, log_path_norm=None),
        entry(1.0, 0, undefined=reason, log_path_norm=None, hessian_change=0.1),
    ]
    (first, _) = sections(material([study(told, left_out={"job": "no checkpoint"})]))
    assert first.warnings[1:] == [
        "job is left out: no checkpoint.",
        "Not defined: log path norm of mlp_1x512-0.0-0 and 1 more: it has branches.",
        "λ is a lower bound where the iteration was cut off, in 1 of 2 runs, e.g. "
        "mlp_1x512-1.0-0: raise measures.iterations.",
    ]
    assert first.table is not None
    assert first.table["log path norm"].tolist() == ["–", "–"]


def test_a_single_run_has_a_row_and_no_figures(six):
    result = {**six.result, "measures": {**six.result["measures"]}}
    result["measures"]["runs"] = result["measures"]["runs"][:1]
    del result["measures"]["kendall"]
    (only,) = sections(material([TaskRun(six.folder, result, {})]))
    assert only.table is not None
    assert len(only.table) == 1
    assert only.figures == []


def test_names_from_users_are_text(study):
    run = study([entry(level, 0, NAUGHTY) for level in LEVELS])
    for named in sections(material([run]))[0].figures:
        svg, html = draw(named.figure)
        assert "<b>" not in svg + html
