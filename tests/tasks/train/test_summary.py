"""What the summary says of predictions, chance, spread and divergence."""

import math
from types import SimpleNamespace

import pytest

from nullfit.results.settings import settings_of
from nullfit.tasks.train.summary import about_trainings, lines_of
from tests.results.by_hand import trained


@pytest.fixture
def run(tmp_path):
    return lambda **about: trained(tmp_path, **about)


def summary(*runs):
    settings = settings_of(runs)
    return SimpleNamespace(lines=lines_of(settings), about=about_trainings(runs, settings))


def test_chance_is_the_share_of_the_largest_class(run):
    found = summary(run(labels=(85, 15), test=0.853, corruption="shuffled_labels"))
    assert found.lines[0].prediction == "0.3 points above chance, one run: no spread"
    assert "the most frequent class among the test labels: 85.0 %." in " ".join(found.about)


def test_each_data_set_has_its_own_line_and_chance(run):
    random = {"corruption": "random_labels", "probability": 1.0}
    found = summary(
        run(data="digits", labels=(10,) * 10, test=0.1, **random),
        run(data="table", labels=(85, 15), test=0.8, **random),
        run(data="digits", labels=(10,) * 10, test=0.9),
    )
    assert [(line.data, line.label) for line in found.lines] == [
        ("digits", "true labels"), ("digits", "random labels"), ("table", "random labels"),
    ]  # fmt: skip
    assert [line.prediction.partition(",")[0] for line in found.lines] == [
        "80.0 points above chance", "at chance", "5.0 points below chance",
    ]  # fmt: skip
    assert "digits 10.0 %; table 85.0 %" in " ".join(found.about)


def test_the_spread_is_that_over_seeds_within_networks(run):
    seeds = [run(seed=n, test=test, labels=(50, 50)) for n, test in enumerate((0.88, 0.92))]
    deviation = math.sqrt(2) * 2  # points, n − 1
    assert summary(*seeds).lines[0].prediction == (
        f"40.0 points above chance, ± {deviation:.1f} over seeds"
    )
    other = [run(seed=n, model="lenet", test=0.5, labels=(50, 50)) for n in (0, 1)]
    both = summary(*seeds, *other).lines[0].prediction
    assert both == "20.0 points above chance, ± 2.0 over seeds"


def test_one_seed_of_each_network_has_no_spread(run):
    found = summary(run(labels=(50, 50)), run(model="lenet", labels=(50, 50)))
    assert found.lines[0].prediction.endswith("one seed each: no spread")


def test_without_a_confusion_matrix_no_chance_is_made_up(run):
    found = summary(run())
    assert found.lines[0].prediction == "chance is not known"
    assert "hance" not in " ".join(found.about)


def test_a_diverged_run_is_counted_and_predicts_nothing(run):
    lost = {"status": "diverged", "test": 0.1, "train": 0.1, "epochs_to_fit": None}
    found = summary(run(labels=(50, 50), test=0.8), run(seed=1, labels=(50, 50), **lost))
    (line,) = found.lines
    assert (line.runs, line.fitted, line.diverged) == (2, 1, 1)
    assert (line.test.mean, line.test.n, line.train.mean) == (0.8, 1, 1.0)
    assert line.prediction == "30.0 points above chance, one run: no spread"
    assert "1 of 2 runs fitted the training set" in found.about[1]
    assert found.about[1].endswith("; 1 diverged.")
    (alone,) = summary(run(labels=(50, 50), **lost)).lines
    assert (alone.prediction, alone.test, alone.diverged) == ("no result", None, 1)


def test_the_threshold_is_said_or_that_there_were_several(run):
    told = " ".join(summary(run(), run(seed=1)).about)
    assert "reached a training accuracy of 99 %." in told
    told = " ".join(summary(run(), run(seed=1, threshold=1.0), run(seed=2, threshold=1.0)).about)
    assert "3 of 3 runs fitted the training set." in told
    assert "reached a training accuracy" not in told
