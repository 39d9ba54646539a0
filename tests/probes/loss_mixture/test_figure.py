"""The figure of the losses: bars count samples by kind, curves are the fitted components."""

import numpy as np
import pytest
from matplotlib.patches import StepPatch

from nullfit.probes.loss_mixture.figure import draw_loss_mixture
from nullfit.probes.loss_mixture.gaussian_mixture import GaussianComponents
from nullfit.probes.loss_mixture.separation import Separation, separation


def shown(share: float = 0.4) -> Separation:
    random = np.random.default_rng(0)
    changed = random.random(1000) < share
    losses = np.where(changed, random.normal(3, 0.5, (2, 1000)), random.normal(1, 0.2, (2, 1000)))
    mixture = GaussianComponents((1.0, 3.0), (0.01, 0.05), (0.6, 0.4))
    scores = losses.mean(0)
    return separation(losses.astype(np.float32), [1, 2], scores, changed, mixture)


def test_bars_count_the_samples_of_each_kind() -> None:
    found = shown()
    histogram, _ = draw_loss_mixture(found, "mean", "some run").axes
    bars = [patch for patch in histogram.patches if isinstance(patch, StepPatch)]
    counts = [int(bar.get_data().values.sum()) for bar in bars]
    assert counts == [int((~found.label_changed).sum()), int(found.label_changed.sum())]
    assert [bar.get_label() for bar in bars] == ["untouched labels", "corrupted labels"]


def test_curves_are_on_the_scale_of_the_bars() -> None:
    histogram, _ = draw_loss_mixture(shown(), "mean", "some run").axes
    edges = histogram.patches[0].get_data().edges
    for line, weight in zip(histogram.lines, (0.6, 0.4), strict=True):
        samples = np.trapezoid(line.get_ydata(), line.get_xdata()) / (edges[1] - edges[0])
        assert samples == pytest.approx(1000 * weight, rel=0.02)


def test_second_panel_has_the_areas_and_only_where_there_are_some() -> None:
    found = shown()
    _, areas = draw_loss_mixture(found, "last", "some run").axes
    assert [line.get_ydata().tolist() for line in areas.lines] == found.areas.T.tolist()
    assert len(draw_loss_mixture(shown(0.0), "last", "some run").axes) == 1


def test_note_and_axis_say_what_is_drawn() -> None:
    for losses, name in (("mean", "mean over epochs"), ("last", "loss of a sample (nats)")):
        figure = draw_loss_mixture(shown(), losses, "some run")
        assert name in figure.axes[0].get_xlabel()
        assert figure.get_supxlabel() == "some run"
