"""How well random signs are fitted, epoch by epoch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import altair as alt
import numpy as np
import pandas
from jaxtyping import Float, Int

from nullfit.charts.appearance import look, network_looks
from nullfit.charts.figure import Figure, Panel, Series
from nullfit.charts.marks import by_series, curves, layered, level
from nullfit.results.curves import kept
from nullfit.results.task_run import TaskRun

_X = alt.X("epoch:Q", title="epoch", scale=alt.Scale(nice=False, padding=5))


@dataclass(frozen=True)
class Signs:
    """A run: its name, its corruption, and the correlation of each draw at some epochs."""

    name: str
    corruption: str
    epochs: Int[np.ndarray, " epochs"]
    correlations: Float[np.ndarray, "draws epochs"]

    @classmethod
    def of(cls, run: TaskRun, name: str) -> "Signs":
        """Read the arrays of a run, which have an entry for each evaluation."""
        trainer = run.config.get("trainer", {})
        every = trainer.get("evaluate_train_every") or trainer.get("evaluate_every") or 1
        draws = run.arrays()["correlation_by_epoch"]
        shown = kept(draws.shape[1])
        return cls(name, run.corruption, every * (shown + 1), draws[:, shown])


def correlations(of: Sequence[Signs], note: str) -> Figure:
    """The correlation with the signs against the epoch: thin each draw, thick their mean."""
    drawn = network_looks(signs.name for signs in of)
    series = [
        Series(found.label, replace(found, color=look(signs.corruption).color))
        for signs in of
        for found in [drawn[signs.name]]
    ]
    means = pandas.concat([_mean(*numbered) for numbered in enumerate(of)], ignore_index=True)
    draws = pandas.concat([_draws(*numbered) for numbered in enumerate(of)], ignore_index=True)
    lowest = min(0.0, float(draws["mean"].min()))
    y = alt.Y(
        "mean:Q",
        title=None,
        scale=alt.Scale(domain=[lowest - 0.03, 1.03], nice=False),
        axis=alt.Axis(grid=True),
    )
    forms = {"epoch": "d", "mean": ".3f", "low": ".3f", "high": ".3f"}
    tooltip = [alt.Tooltip(f"{name}:Q", format=form) for name, form in forms.items()]
    thin = alt.Chart(draws).mark_line(strokeWidth=0.6, opacity=0.6)
    single = thin.encode(x=_X, y=y, detail="draw:N", **by_series(series, "color"))
    panel = Panel(
        "correlation with random signs",
        layered(level([1.0]), single, curves(means, _X, y, series, tooltip=tooltip)),
        aspect=2.2,
    )
    return Figure([panel], note, series, columns=1)


def _mean(number: int, of: Signs) -> pandas.DataFrame:
    draws = of.correlations
    spread = {"mean": draws.mean(0), "low": draws.min(0), "high": draws.max(0)}
    return pandas.DataFrame({"series": number, "epoch": of.epochs, **spread})


def _draws(number: int, of: Signs) -> pandas.DataFrame:
    return pandas.concat(
        pandas.DataFrame({"series": number, "draw": n, "epoch": of.epochs, "mean": draw})
        for n, draw in enumerate(of.correlations)
    )
