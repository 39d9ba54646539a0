"""A section with everything that a section can have, and names that are no markup."""

import pandas
import plotly.graph_objects as go

from nullfit.charts.interactive import finish, plain
from nullfit.charts.style import new_figure
from nullfit.report.section import Section


def section(runs):
    table = pandas.DataFrame(
        {
            "kind": ["<i>raw</i>" for _ in runs],
            "error": [f"{run.result['metrics']['test/error']:.3f} ± 0.01" for run in runs],
            "n": [str(run.arrays()["errors"].size) for run in runs],
        }
    )
    return Section(
        title="Fake & <b>bold</b>",
        text=["What was computed: <script>alert(1)</script>.", "And how it is to be read."],
        warnings=["No more than this <i>follows</i>."],
        table=table,
        plots=[(f"<b>{name}</b>", _plot(name)) for name in ("errors", "norms", *"abcdef")],
        printed={"errors": _printed(), "fake_task_a b": _printed()},
    )


def _plot(name):
    figure = go.Figure(go.Scatter(x=[1, 2, 3], y=[3, 1, 2], name=plain(f"<b>{name}</b>")))
    figure.update_yaxes(title_text=name)
    return finish(figure, 300)


def _printed():
    figure = new_figure(1.5, "digits")
    figure.subplots().plot([1, 2, 3], [3, 1, 2])
    return figure
