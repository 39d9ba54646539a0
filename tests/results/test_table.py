"""The table of a study: what is averaged, and what is only counted."""

import math

import pytest

from nullfit.report.tables import write_table
from nullfit.results.readable_table import readable
from nullfit.results.settings import settings_of
from nullfit.results.table import study_table
from nullfit.tasks.train.runs_table import readable_runs, runs_table
from tests.results.by_hand import study_of, trained


@pytest.fixture
def run(tmp_path):
    return lambda **about: trained(tmp_path / "study", **about)


def test_diverged_runs_are_counted_and_not_averaged(run):
    lost = {"status": "diverged", "test": 0.1, "train": 0.1, "epochs_to_fit": None}
    table = study_table([run(test=0.8), run(seed=1, test=0.9), run(seed=2, **lost)])
    (row,) = table.to_dict("records")
    assert (row["n"], row["diverged"], row["fitted"]) == (3, 1, 2)
    assert row["test accuracy mean"] == pytest.approx(0.85)
    assert row["test accuracy sd"] == pytest.approx(math.sqrt(0.005))
    (shown,) = readable(table).to_dict("records")
    assert (shown["diverged"], shown["train %"]) == (1, "100.0 ± 0.0")
    assert shown["epochs to fit"] == "3.0 ± 0.0 (2 of 3)"


def test_a_setting_of_which_every_run_diverged_has_no_numbers(run):
    lost = {"status": "diverged", "test": 0.1, "train": 0.1, "epochs_to_fit": None}
    (shown,) = readable(study_table([run(**lost)])).to_dict("records")
    assert (shown["n"], shown["diverged"]) == (1, 1)
    assert {shown["train %"], shown["test %"], shown["epochs to fit"]} == {"–"}


def test_what_is_not_fitted_never_reads_100(run):
    seeds = run(train=0.9997, epochs_to_fit=None), run(seed=1, train=1.0, epochs_to_fit=None)
    (shown,) = readable(study_table([*seeds])).to_dict("records")
    assert shown["train %"].startswith("99.9 ±")
    assert shown["epochs to fit"] == "never"


def test_different_thresholds_are_told(run, tmp_path, capsys):
    study = study_of(run(), run(seed=1, threshold=1.0), run(corruption="gaussian"))
    write_table(study, tmp_path)
    line = "Counted as fitted: 2 runs from 99 %, 1 run from 100 % training accuracy on."
    assert line in capsys.readouterr().out
    text = (tmp_path / "table.md").read_text()
    assert line in text
    assert "| 0.99, 1 |" in text


def test_one_threshold_is_not_told(run, tmp_path, capsys):
    write_table(study_of(run(), run(seed=1)), tmp_path)
    assert "Counted as fitted" not in capsys.readouterr().out
    assert "threshold" not in (tmp_path / "table.md").read_text()


def test_further_test_sets_have_columns_of_their_own(run):
    other = [run(test=0.9), run(seed=1, test=0.8), run(corruption="gaussian")]
    for accuracy, with_other in zip((0.3, 0.4), other, strict=False):
        with_other.result["metrics"]["test_random_pixels/accuracy"] = accuracy
    table = study_table(other)
    assert table["random_pixels test accuracy mean"].tolist()[0] == pytest.approx(0.35)
    shown = readable(table)
    assert shown["random_pixels test %"].tolist() == ["35.0 ± 7.1", "–"]
    assert shown["test %"].tolist()[0] == "85.0 ± 7.1"
    rows = readable_runs(runs_table(settings_of(other)))
    assert rows["random_pixels test %"].tolist() == ["30.0", "40.0", "–"]


def test_further_test_sets_are_no_part_of_a_networks_name(run):
    tested, plain = run(), run(corruption="gaussian")
    for each, given in ((tested, ["random_pixels"]), (plain, None)):
        each.config["data"]["test_corruptions"] = given
    names = [(setting.network, setting.data) for setting in settings_of([tested, plain])]
    assert names == [("mlp", "digits")] * 2


def test_the_share_of_changed_labels_stands_beside_the_level(run):
    runs = [
        run(corruption="random_labels", probability=0.5, seed=seed, changed=changed)
        for seed, changed in enumerate((0.44, 0.46))
    ]
    table = study_table(runs)
    assert table["changed labels mean"].tolist() == pytest.approx([0.45])
    (shown,) = readable(table).to_dict("records")
    assert shown["corruption"] == "random labels 50 %"
    assert shown["changed labels %"] == "45.0 ± 1.4"
    assert "changed labels %" not in readable(study_table([run()]))
