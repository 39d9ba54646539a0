"""Grey lines stand where guessing stands, or not at all."""

import pytest

from nullfit.charts import style
from nullfit.results.confusion import confusions_of
from nullfit.results.curves import curves_of
from nullfit.results.levels import level_series
from nullfit.results.settings import settings_of
from nullfit.tasks.train.figure_class_accuracy import draw_class_accuracy
from nullfit.tasks.train.figure_corruption_level import draw_corruption_level
from nullfit.tasks.train.figure_learning_curves import draw_learning_curves
from nullfit.tasks.train.interactive_classes import class_accuracy
from nullfit.tasks.train.interactive_corruption_level import corruption_level
from nullfit.tasks.train.interactive_learning_curves import learning_curves
from tests.results.by_hand import study_of, trained

LOST = {"status": "diverged", "epochs_to_fit": None}


@pytest.fixture
def settings(tmp_path):
    def of(labels, levels=(0.0, 0.5, 1.0), **about):
        noisy = {"corruption": "random_labels", "labels": labels, **about}
        return settings_of(
            study_of(*(trained(tmp_path, probability=level, **noisy) for level in levels))
        )

    return of


def printed(figure):
    """The heights of the grey lines in a figure for print."""
    return [
        line.get_ydata()[0]
        for axes in figure.axes
        for line in axes.lines
        if line.get_color() == style.FAINT
    ]


def shown(figure):
    """The same on the page, in per cent."""
    return [100 * shape.y0 for shape in figure.layout.shapes]


def test_unequal_classes(settings):
    found = settings((85, 15))
    curves, series = curves_of(found), level_series(found)
    assert printed(draw_learning_curves(curves, "")[0]) == pytest.approx([85])
    assert shown(learning_curves(curves)) == pytest.approx([85])
    assert printed(draw_corruption_level(series, "")) == pytest.approx([15])
    assert shown(corruption_level(series)) == pytest.approx([15])


def test_none_where_chance_is_not_known(settings):
    found = settings(None)
    curves, series = curves_of(found), level_series(found)
    figures = draw_learning_curves(curves, "")[0], draw_corruption_level(series, "")
    assert [printed(figure) for figure in figures] == [[], []]
    assert [shown(learning_curves(curves)), shown(corruption_level(series))] == [[], []]


def test_each_class_has_its_own(settings):
    confusions = confusions_of(settings((85, 15)))
    (axes,) = draw_class_accuracy(confusions, "")[0].axes
    (stairs,) = [patch for patch in axes.patches if patch.get_edgecolor()]
    assert stairs.get_data().values.tolist() == pytest.approx([85, 15])
    grey = class_accuracy(confusions).data[-1]
    assert grey.y.tolist() == pytest.approx([0.85, 0.15])


def test_diverged_runs_are_in_no_matrix(settings):
    assert confusions_of(settings((85, 15), **LOST)) == []
