"""Figures of trainings: what is drawn of what, in one look for each kind of data."""

import math
import re

import numpy as np
import pandas
import pytest

from nullfit.charts import page, printed
from nullfit.charts.figure import Slider, specification
from nullfit.results.confusion import confusions_by_epoch, confusions_of, recorded_epochs
from nullfit.results.curves import OF_LABELS, curves_of
from nullfit.results.levels import level_series
from nullfit.results.result import write_arrays
from nullfit.results.settings import settings_of
from nullfit.tasks.train import section_classes
from nullfit.tasks.train.figure_classes import (
    cells,
    class_accuracy,
    confusion_matrices,
    confusions_over_epochs,
)
from nullfit.tasks.train.figure_corruption_level import corruption_level
from nullfit.tasks.train.figure_generalization import generalization, parts_of
from nullfit.tasks.train.figure_learning_curves import label_curves, learning_curves
from nullfit.tasks.train.figure_size import errors_by_size, errors_by_size_and_epoch, sizes_of
from nullfit.tasks.train.legend import legend_of
from nullfit.tasks.train.trainings import Trainings
from tests.results.by_hand import trained

LOST = {"status": "diverged", "epochs_to_fit": None}
NOISY = {"corruption": "random_labels", "labels": (85, 15)}


@pytest.fixture
def run(tmp_path):
    return lambda **about: trained(tmp_path, **about)


@pytest.fixture
def settings(run):
    """Labels that are random with several probabilities; 0 leaves them true."""

    def of(labels, levels=(0.0, 0.5, 1.0), **about):
        noisy = NOISY | {"labels": labels} | about
        return settings_of([run(probability=level, **noisy) for level in levels])

    return of


def drawn(figure):
    """The frames of each panel, once the figure was drawn in print and for the page."""
    assert printed.svg(figure).startswith("<svg")
    assert page.html(figure, "a")
    found = []
    for panel in figure.panels:
        frames = {}
        specification(panel, frames)
        panel.chart.to_dict()  # as Vega-Lite's schema wants it
        found.append(list(frames.values()))
    return found


def grey(frames):
    """Where the grey lines of a panel stand."""
    (values,) = [frame["value"].tolist() for frame in frames if "value" in frame]
    return values


def curves(settings):
    return learning_curves(curves_of(settings), legend_of(settings), "note")


def test_grey_lines_stand_where_guessing_stands(settings):
    found = settings((85, 15))
    assert grey(drawn(curves(found))[3]) == pytest.approx([0.85])
    assert grey(drawn(corruption_level(level_series(found), ""))[1]) == pytest.approx([0.15])


def test_there_are_none_where_chance_is_not_known(settings):
    found = settings(None)
    frames = drawn(curves(found))[3] + drawn(corruption_level(level_series(found), ""))[1]
    assert not [frame for frame in frames if "value" in frame]


def test_each_class_has_its_own_share(settings):
    found = settings((85, 15))
    figure = class_accuracy(confusions_of(found), legend_of(found), "")
    ((shares, accuracies),) = drawn(figure)
    assert shares["share"].tolist() == pytest.approx([0.85, 0.15])
    assert accuracies["accuracy"].tolist() == [1.0, 0.0] * 3


def test_diverged_runs_are_in_no_matrix_and_in_no_curve(settings):
    found = settings((85, 15), **LOST)
    assert confusions_of(found) == []
    assert curves_of(found) == []


def test_learning_curves_have_four_panels_and_a_band_over_seeds(run):
    one = settings_of([run(**NOISY, probability=0.5)])
    two = settings_of([run(seed=seed, test=0.8 + 0.1 * seed) for seed in (0, 1)])
    figure = curves(two)
    assert [panel.title for panel in figure.panels] == [
        "training loss", "training accuracy", "test loss", "test accuracy",
    ]  # fmt: skip
    (frame,) = [frame for frame in drawn(figure)[3] if "low" in frame][:1]
    assert frame["epoch"].tolist() == [1, 2, 3, 4, 5]
    assert frame["step"].tolist() == [10, 20, 30, 40, 50]
    assert frame.iloc[-1][["mean", "low", "high"]].tolist() == pytest.approx([0.85, 0.8, 0.9])
    assert not [frame for frame in drawn(curves(one))[3] if "low" in frame]


def test_the_note_says_where_the_axis_of_a_loss_ends(run):
    one = run()
    assert curves(settings_of([one])).note == "note"
    path = one.folder / "metrics.csv"
    header, *rows = path.read_text().splitlines()
    place = header.split(",").index("test/loss")
    *before, last = [row.split(",") for row in rows]
    last[place] = "40"
    path.write_text("\n".join([header, *map(",".join, [*before, last])]))
    classes = one.result["data"]["classes"]
    told = f"Losses above {2.2 * math.log(classes):.1f} are not shown on a linear axis."
    assert curves(settings_of([one])).note == f"note {told}"


def test_published_points_are_rings_beside_our_curve(run, monkeypatch):
    points = pandas.DataFrame(
        {"metric": "test/accuracy", "epoch": [1, 3], "value": [0.5, 0.6], "source": "a paper"}
    )
    monkeypatch.setattr("nullfit.results.curves.published_curves", lambda run: points)
    panels = drawn(curves(settings_of([run()])))
    assert not any("source" in frame for frames in panels[:3] for frame in frames)
    (rings,) = [frame for frame in panels[3] if "source" in frame]
    assert rings["mean"].tolist() == [0.5, 0.6]
    assert rings["step"].tolist() == [10, 30]


def test_accuracies_on_labels_that_were_left_and_changed_have_a_panel_each(run):
    noisy, true = run(**NOISY, probability=0.5), run()
    path = noisy.folder / "metrics.csv"
    header, *rows = path.read_text().splitlines()
    accuracies = [f"{row},0.{row[0]},0.0{row[0]}" for row in rows]
    columns = f"{header},train/accuracy_untouched,train/accuracy_corrupted"
    path.write_text("\n".join([columns, *accuracies]))
    of = [c for c in curves_of(settings_of([noisy, true])) if OF_LABELS[1] in c.bands]
    assert [curve.setting.label for curve in of] == ["random labels 50 %"]
    figure = label_curves(of, legend_of(settings_of([noisy, true])), "note")
    left, changed = (frames[0]["mean"].tolist() for frames in drawn(figure))
    assert left == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert changed == [0.01, 0.02, 0.03, 0.04, 0.05]


def test_a_thin_line_goes_on_where_all_runs_had_stopped(run):
    early, late = run(), run(**NOISY, probability=1.0)
    rows = (early.folder / "metrics.csv").read_text().splitlines()
    (early.folder / "metrics.csv").write_text("\n".join(rows[:3]))
    frames = drawn(curves(settings_of([early, late])))[3]
    (tail,) = [frame for frame in frames if len(frame) == 2 and "epoch" in frame]
    assert tail[["series", "epoch", "step"]].values.tolist() == [[0, 2, 20], [0, 5, 50]]


def test_the_legend_says_how_many_runs_diverged(run):
    found = settings_of([run(), run(seed=1, **LOST)])
    assert [entry.label for entry in curves(found).series] == ["true labels (1 of 2 diverged)"]


def test_a_kind_of_data_looks_the_same_in_all_figures(run):
    runs = [run(**NOISY, probability=level) for level in (0.5, 1.0)]
    runs += [run(model="lenet", **NOISY, probability=0.5)]
    legend = legend_of(settings_of(runs))
    assert list(legend) == ["random labels 50 %", "random labels"]
    assert legend["random labels 50 %"].look != legend["random labels"].look
    alone = [s for s in settings_of(runs) if s.network == "lenet"]
    figure = learning_curves(curves_of(alone), legend, "")
    assert [entry.look for entry in figure.series] == [legend["random labels 50 %"].look]


def test_generalization_has_a_row_for_each_setting_also_where_no_run_fitted(run):
    found = settings_of([run(test=0.9), run(**NOISY, probability=1.0, epochs_to_fit=None)])
    steps, errors, gaps = drawn(generalization(found, legend_of(found), ""))
    assert steps[0]["mean"].isna().tolist() == [False, True]
    assert errors[0]["mean"].tolist() == pytest.approx([0.1, 0.1])
    assert gaps[0]["mean"].tolist() == pytest.approx([0.1, 0.1])
    assert errors[0]["line"].tolist() == steps[0]["line"].tolist()


def test_a_figure_of_many_networks_is_parted_between_them(run):
    found = settings_of([run(model=f"mlp_{number}") for number in range(90)])
    assert [len(part) for part in parts_of(found)] == [40, 40, 10]


def test_times_are_relative_to_true_labels_and_hollow_where_not_all_fitted(run):
    levels = {0.0: 3, 0.5: 6, 1.0: None}
    runs = [run(**NOISY, probability=p, epochs_to_fit=epochs) for p, epochs in levels.items()]
    runs += [run(seed=1, **NOISY, probability=0.5, epochs_to_fit=None)]
    figure = corruption_level(level_series(settings_of(runs)), "")
    assert figure.panels[0].title == "steps to fit, relative to true labels"
    times, hollow = drawn(figure)[0]
    assert times[["level", "mean", "fitted"]].values.tolist() == [
        [0.0, 1.0, "1 of 1"], [0.5, 2.0, "1 of 2"],
    ]  # fmt: skip
    assert hollow["level"].tolist() == [0.5]
    for panel in figure.panels:  # the level at which none fitted is seen to be missing
        assert "'domain': [0.0, 1.0]" in str(panel.chart.to_dict())
    assert [entry.label for entry in figure.series] == ["MLP, random labels"]


def test_where_no_run_fitted_no_time_is_drawn(run):
    runs = [run(**NOISY, probability=p, epochs_to_fit=None) for p in (0.0, 0.5, 1.0)]
    found = settings_of(runs)
    for figure in (
        corruption_level(level_series(found), ""), generalization(found, legend_of(found), ""),
    ):  # fmt: skip
        assert drawn(figure)
        assert "steps" not in figure.panels[0].title


def test_matrices_have_the_shares_that_can_be_told_from_none(run):
    confusions = confusions_of(settings_of([run(labels=(60, 40)), run(**NOISY, probability=1.0)]))
    assert cells(confusions[0]).values.tolist() == [["0", "0", 1.0], ["1", "0", 1.0]]
    figure = confusion_matrices(confusions, "")
    assert [panel.title for panel in figure.panels] == ["true labels", "random labels"]
    assert all(len(frames[0]) == 2 for frames in drawn(figure))


@pytest.fixture
def recorded(run):
    """A run that recorded; all samples of the first class went where ``shares`` say, by epoch."""

    def of(shares, **about):
        one = run(**about | {"labels": (100, 0)})
        matrices = [[[100 - share, share], [0, 0]] for share in shares.values()]
        by_epoch = {"confusion_by_epoch": np.array(matrices), "confusion_epochs": [*shares]}
        write_arrays(one.folder, **one.arrays(), **by_epoch)
        return one

    return of


def test_a_matrix_by_epoch_is_over_all_runs_and_one_that_stopped_keeps_its_last(recorded):
    runs = [recorded({1: 0, 2: 50}), recorded({1: 20, 2: 70, 4: 90}, seed=1)]
    (setting,) = settings_of([*runs, recorded({1: 100}, seed=2, **LOST)])
    epochs = recorded_epochs([setting])
    assert epochs == [1, 2, 4]
    found = confusions_by_epoch(setting, epochs)
    shares = {epoch: confusion.shares[0].tolist() for epoch, confusion in found.items()}
    assert shares == {1: [0.9, 0.1], 2: [0.4, 0.6], 4: [pytest.approx(0.3), pytest.approx(0.7)]}


def test_a_slider_moves_the_matrices_of_all_settings_and_print_has_the_last(recorded):
    other = recorded({3: 100}, **NOISY, probability=1.0)
    settings = settings_of([recorded({1: 0, 2: 50, 3: 50, 4: 100}), other])
    epochs = recorded_epochs(settings)
    by_epoch = [confusions_by_epoch(setting, epochs) for setting in settings]
    figure = confusions_over_epochs(by_epoch, epochs, "note")
    assert figure.slider == Slider("epoch", [1, 2, 3, 4])
    (first, _), (second, _) = drawn(figure)
    assert first[["predicted", "share", "since", "until"]].values.tolist() == [
        ["0", 1.0, 1, 2], ["0", 0.5, 2, 3], ["1", 0.5, 2, 3], ["0", 0.5, 3, 4], ["1", 0.5, 3, 4],
        ["1", 1.0, 4, 5],
    ]  # fmt: skip
    assert second[["predicted", "share", "since", "until"]].values.tolist() == [["1", 1.0, 3, 5]]
    svg = printed.svg(figure)
    assert svg.count('fill="rgb(8, 48, 107)"') == 2  # one full cell in each panel, and no other
    assert "rgb(139," not in svg


def test_many_epochs_are_thinned_evenly_with_the_first_and_the_last(
    recorded, make_config, monkeypatch
):
    runs = [recorded({epoch: epoch for epoch in range(1, 101)}), recorded({1: 0}, model="other")]
    trainings = Trainings([*runs, trained(runs[0].folder.parent)], make_config())
    (whole,) = section_classes.confusion_by_epoch_section(trainings)
    first, second = (named.figure for named in whole.figures)
    assert first.slider.values == list(range(1, 101))
    assert second.slider.values == [1]
    assert "evenly" not in first.note
    monkeypatch.setattr(section_classes, "_MOST_SHARES", 12 * 2 * 4)  # of two networks
    (thinned,) = section_classes.confusion_by_epoch_section(trainings)
    values = thinned.figures[0].figure.slider.values
    assert values == [1, 10, 19, 28, 37, 46, 55, 64, 73, 82, 91, 100]
    assert "12 of 100 epochs, evenly chosen." in thinned.figures[0].figure.note
    assert "evenly" not in thinned.figures[1].figure.note
    monkeypatch.setattr(section_classes, "_MOST_SHARES", 2 * 4)
    (left_out,) = section_classes.confusion_by_epoch_section(trainings)
    assert left_out.figures == []
    assert "arrays.npz" in left_out.text[0]
    monkeypatch.setattr(section_classes, "MOST_CLASSES", 1)
    assert section_classes.confusion_by_epoch_section(trainings)[0].figures == []


def test_where_none_was_recorded_there_is_no_such_section(run, make_config):
    assert (
        section_classes.confusion_by_epoch_section(Trainings([run(labels=(60, 40))], make_config()))
        == []
    )


def test_names_of_classes_are_text(run):
    naughty = "<b>&\"'</script> actual datum.x[0]"
    one = run(labels=(60, 40))
    one.result["data"]["class_names"] = [naughty, "share"]
    found = settings_of([one])
    confusions = confusions_of(found)
    for figure in (
        class_accuracy(confusions, legend_of(found), ""), confusion_matrices(confusions, ""),
    ):  # fmt: skip
        assert drawn(figure)
        assert naughty not in page.html(figure, "a")
        assert not re.search("<b>", printed.svg(figure))


def of_width(tmp_path, width, weights, **about):
    made = trained(tmp_path, **about)
    made.config["model"] = {"name": "mlp", "_target_": "nullfit.models.MLP", "hidden": [width]}
    made.result["model"]["parameters"] = weights
    made.result["metrics"]["test/loss"] = 0.1
    return made


WIDTHS = {1: 50, 10: 500, 100: 5_000, 1000: 50_000}  # weights by width; 500 samples × 10 classes


def test_errors_stand_against_the_number_of_weights(tmp_path):
    runs = [
        of_width(tmp_path, width, weights, test=0.5 + 0.1 * n, train=0.9, seed=seed)
        for n, (width, weights) in enumerate(WIDTHS.items())
        for seed in (0, 1)
    ]
    settings = settings_of(runs)
    (sizes,) = sizes_of(settings)
    train, test, loss = drawn(errors_by_size(sizes, "note"))
    assert grey(test) == [5_000]  # samples × classes
    frame = next(frame for frame in test if "weights" in frame)
    assert frame["weights"].tolist() == list(WIDTHS.values())
    assert frame["mean"].tolist() == pytest.approx([0.5, 0.4, 0.3, 0.2])
    assert frame["n"].tolist() == [2] * 4
    assert next(frame for frame in train if "mean" in frame)["mean"].tolist() == pytest.approx(
        [0.1] * 4
    )
    assert next(frame for frame in loss if "mean" in frame)["mean"].tolist() == [0.1] * 4
    ((cells,),) = drawn(errors_by_size_and_epoch(sizes, curves_of(settings), "note"))
    assert set(cells["epoch"]) == {1, 2, 3, 4, 5}
    of_widest = cells[cells["weights"] == 50_000]
    assert of_widest["error"].tolist() == pytest.approx([0.2] * 5)


def test_what_differs_in_more_than_size_is_no_curve(tmp_path):
    runs = [of_width(tmp_path, width, weights) for width, weights in WIDTHS.items()]
    assert len(sizes_of(settings_of(runs))) == 1
    runs[0].config["data"] = {"name": "digits", "batch_size": 7}
    assert sizes_of(settings_of(runs)) == []
    assert sizes_of(settings_of(runs[1:])) == []
