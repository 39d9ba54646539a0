"""The figure of the losses: they are counted by kind, curves are the fitted components."""

from dataclasses import replace

import numpy as np
import pandas
import pytest

from nullfit.charts.figure import Figure
from nullfit.probes.loss_mixture.figures import loss_mixture
from nullfit.probes.loss_mixture.gaussian_mixture import GaussianComponents
from nullfit.probes.loss_mixture.separation import Separation, separation
from tests.charts.drawn import draw, entries_of


def shown(share: float = 0.4) -> Separation:
    random = np.random.default_rng(0)
    changed = random.random(1000) < share
    losses = np.where(changed, random.normal(3, 0.5, (2, 1000)), random.normal(1, 0.2, (2, 1000)))
    mixture = GaussianComponents((1.0, 3.0), (0.01, 0.05), (0.6, 0.4))
    scores = losses.mean(0)
    return separation(losses.astype(np.float32), [1, 2], scores, changed, mixture)


def frames(figure: Figure) -> list[pandas.DataFrame]:
    """The frames of bars and curves, in the order of panels: kinds, components, areas."""
    samples, *areas = (panel.chart for panel in figure.panels)
    bars, *curves = samples.layer
    return [bars.data, *(curve.layer[0].data for curve in (*curves, *areas))]


def values(frame: pandas.DataFrame, column: str = "mean") -> list[list[float]]:
    return [own[column].tolist() for _, own in frame.groupby("series")]


def test_the_samples_of_each_kind_are_counted() -> None:
    found = shown()
    figure = loss_mixture(found, "mean", "some run;")
    kinds, _, _ = frames(figure)
    counts = [sum(counts) for counts in values(kinds, "samples")]
    assert counts == [int((~found.label_changed).sum()), int(found.label_changed.sum())]
    assert entries_of(figure) == [
        "untouched labels", "corrupted labels", "component of small losses",
        "component of large losses", "loss of the epoch", "mean loss up to it",
    ]  # fmt: skip


def test_components_are_on_the_scale_of_the_counts() -> None:
    kinds, components, _ = frames(loss_mixture(shown(), "mean", "some run;"))
    width = kinds["high"][0] - kinds["low"][0]
    for (_, own), weight in zip(components.groupby("series"), (0.6, 0.4), strict=True):
        samples = np.trapezoid(own["mean"], own["at"]) / width
        assert samples == pytest.approx(1000 * weight, rel=0.02)


def test_second_panel_has_the_areas_and_only_where_there_are_some() -> None:
    found = shown()
    _, _, areas = frames(loss_mixture(found, "last", "some run;"))
    assert values(areas) == found.areas.T.tolist()
    assert areas["at"].tolist() == [1, 2] * 2
    clean = loss_mixture(shown(0.0), "last", "some run;")
    assert len(clean.panels) == 1
    assert "corrupted labels" not in entries_of(clean)


def test_note_and_axis_say_what_is_drawn() -> None:
    for losses, name in (("mean", "mean over epochs"), ("last", "loss of a sample (nats)")):
        figure = loss_mixture(shown(), losses, "some run;")
        assert name in draw(figure)[0]
        assert figure.note == "some run; 1,000 samples, counted in 31 bins."


def test_without_a_mixture_the_losses_are_drawn_alone() -> None:
    found = replace(shown(), places=np.empty(0), densities=np.empty((0, 2)))
    assert entries_of(loss_mixture(found, "mean", "")) == [
        "untouched labels", "corrupted labels", "loss of the epoch", "mean loss up to it",
    ]  # fmt: skip
