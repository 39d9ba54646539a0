"""The section that compares scores: a row for each, a panel for each kind of noise."""

from pathlib import Path

import pandas

from nullfit.charts import page
from nullfit.report.detectors.section import sections
from nullfit.report.parts import runs_by_section
from nullfit.results.study import Study
from tests.charts.drawn import draw, entries_of
from tests.report.by_hand import material
from tests.results.scored import scored

DYNAMICS = {"aum": [-3.0, 2, 1, 4], "variability": [0.0, 0.1, 0.2, 0.3]}
MEMORIZATION = {"memorization": [0.9, 0.8, 0.1, 0.0], "c_score": [0.1, 0.2, 0.8, 0.9]}


def runs(folder: Path) -> list:
    return [
        *(scored(folder, [0, 1], DYNAMICS, seed=seed, level=0.2) for seed in (0, 1)),
        scored(folder, [0, 1], DYNAMICS, level=0.4),
        scored(folder, [0, 1], MEMORIZATION, "memorization", level=0.2),
    ]


def test_a_row_for_each_score_and_a_column_for_each_level(tmp_path: Path) -> None:
    areas, precisions = sections(material(runs(tmp_path)))
    assert areas.table is not None
    assert areas.table.to_dict("records")[0] == {
        "corruption": "random labels, always change", "score": "aum",
        "20 %": "0.750 ± 0.000", "40 %": "0.750", "n": "2", "seconds": "2.7",
    }  # fmt: skip
    assert areas.table["score"].tolist() == ["aum", "variability", "memorization", "c score"]
    assert areas.table["40 %"].tolist()[2:] == ["–", "–"]
    assert precisions.table is not None
    assert precisions.table["20 %"].tolist()[-1] == "1.000"
    assert areas.numbers is not None
    assert len(areas.numbers) == 6
    assert pandas.isna(areas.numbers["area sd"]).sum() == 4


def test_the_figure_draws_what_is_better_than_chance(tmp_path: Path) -> None:
    areas, _ = sections(material(runs(tmp_path)))
    (named,) = areas.figures
    assert entries_of(named.figure) == ["aum", "memorization", "c score"]
    assert [panel.title for panel in named.figure.panels] == ["random labels, always change"]
    assert "one half is chance; not drawn where they fall below it: variability" in (
        named.figure.note
    )
    assert page.html(named.figure, "figure")
    draw(named.figure)


def test_all_that_scored_their_samples_share_a_section(tmp_path: Path) -> None:
    made = runs(tmp_path)
    study = Study("any", tmp_path, [], [], made)
    assert runs_by_section(study)["detectors"] == made
    (made[0].folder / "samples.csv").unlink()
    assert runs_by_section(study)["detectors"] == made[1:]


def test_nothing_is_drawn_where_all_are_worse_than_chance(tmp_path: Path) -> None:
    run = scored(tmp_path, [0, 1], {"variability": [0.0, 0.1, 0.2, 0.3]})
    areas, _ = sections(material([run]))
    assert areas.figures == []
