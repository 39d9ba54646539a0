"""Sections with everything that a section can have, and names that are no markup."""

import altair as alt
import matplotlib.figure
import pandas

from nullfit.charts.appearance import look
from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import curves
from nullfit.report.section import NamedFigure, Picture, Section


def sections(of):
    table = pandas.DataFrame(
        {
            "kind": ["<i>raw</i>" for _ in of.runs],
            "error": [f"{run.result['metrics']['test/error']:.3f} ± 0.01" for run in of.runs],
            "n": [str(run.arrays()["errors"].size) for run in of.runs],
        }
    )
    names = ("errors", "norms", *"abcdef")
    first = Section(
        title="Fake & <b>bold</b>",
        text=["What was computed: <script>alert(1)</script>.", "And how it is to be read."],
        warnings=["No more than this <i>follows</i>."],
        table=table,
        numbers=table.assign(error=0.25),
        looks=[look("none") for _ in of.runs],
        figures=[NamedFigure(f"fake_task a {n}", f"<b>{n}</b>", _figure(n)) for n in names],
    )
    picture = Picture("fake_task a errors", "<i>digits</i>", matplotlib.figure.Figure((1, 1)))
    return [first, Section("Fake samples", [], pictures=[picture])]


def _figure(name):
    frame = pandas.DataFrame({"series": 0, "x": [1, 2, 3], "mean": [3, 1, 2]})
    series = [Series(f"<b>{name}</b>", look("none"))]
    panel = Panel(name, curves(frame, alt.X("x:Q"), alt.Y("mean:Q"), series))
    return Figure([panel], "digits", series)
