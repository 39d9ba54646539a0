"""Differences of settings seed by seed."""

import numpy as np
import pandas
import pytest

from nullfit.report.tables import write_table
from nullfit.results.paired import (
    comparisons,
    difference_text,
    paired_note,
    paired_table,
    readable_paired,
)
from nullfit.results.settings import settings_of
from tests.results.by_hand import study_of, trained


@pytest.fixture
def run(tmp_path):
    return lambda **about: trained(tmp_path / "study", **about)


def found(*runs, **more):
    return comparisons(settings_of(runs), **more)


def test_differences_are_of_runs_with_equal_seeds(run):
    true = [run(seed=0, test=0.90), run(seed=1, test=0.80), run(seed=2, test=0.70)]
    random = [run(corruption="random_labels", seed=s, test=t) for s, t in ((2, 0.10), (1, 0.21))]
    random.append(run(corruption="random_labels", seed=7, test=0.99))  # no partner
    (paired,) = found(*true, *random).made
    assert (paired.setting.corruption, paired.other.corruption) == ("random_labels", "none")
    difference = paired.differences["test accuracy"]
    assert (paired.pairs, difference.n) == (2, 2)
    assert difference.mean == pytest.approx(np.mean([0.10 - 0.70, 0.21 - 0.80]))
    assert difference.sd == pytest.approx(np.std([-0.60, -0.59], ddof=1))
    assert difference_text(difference) == "-59.50 ± 0.71 [-65.85, -53.15]"


def test_seeds_of_parts_make_pairs(run):
    first, second = run(seed=0, test=0.9), run(seed=0, test=0.8)
    others = [run(corruption="gaussian", seed=0, test=t) for t in (0.3, 0.4)]
    for number, (one, other) in enumerate(zip((first, second), others, strict=True)):
        one.config["seeds"] = {"initialization": number}
        other.config["seeds"] = {"initialization": 1 - number}
    (paired,) = found(first, second, *others).made
    assert paired.pairs == 2
    assert paired.differences["test accuracy"].mean == pytest.approx(-0.5)
    assert paired.differences["test accuracy"].sd == pytest.approx(0)  # 0.4 − 0.9, 0.3 − 0.8


def test_runs_that_diverged_and_runs_without_a_common_seed_are_in_no_pair(run):
    lost = run(corruption="gaussian", seed=0, status="diverged", test=0.1, epochs_to_fit=None)
    kept = run(corruption="gaussian", seed=1, test=0.1)
    (paired,) = found(run(seed=0), run(seed=1), lost, kept).made
    assert paired.pairs == 1
    assert not found(run(seed=5), lost, kept).made


def test_the_reference_is_the_true_labels_of_the_same_network(run):
    runs = [
        run(model=model, corruption=corruption, seed=0)
        for model in ("mlp", "alexnet")
        for corruption in ("none", "gaussian")
    ]
    made = [
        (p.setting.network, p.setting.corruption, p.other.network, p.other.corruption)
        for p in found(*runs).made
        if p.key is None
    ]
    assert made == [
        ("mlp", "gaussian", "mlp", "none"),
        ("alexnet", "none", "mlp", "none"),
        ("alexnet", "gaussian", "alexnet", "none"),
    ]


def test_without_true_labels_the_first_setting_is_the_reference(run):
    weak, strong = (run(corruption="random_labels", probability=p) for p in (0.2, 0.8))
    (paired,) = found(strong, weak).made
    assert paired.other.runs == [weak]


def test_settings_that_differ_in_one_key_are_compared_once(run):
    runs = [run(seed=0), *(run(corruption="random_labels", probability=p) for p in (0.2, 0.5, 1.0))]
    made = found(*runs).made
    by_key = [p for p in made if p.key]
    assert {p.key for p in by_key} == {"corruption.probability"}
    assert len(by_key) == 3  # of three levels
    assert len(made) == 3 + 3
    levels = [(p.setting.level, p.other.level) for p in by_key]
    assert all(more > less for more, less in levels)


def test_there_are_only_so_many_and_the_rest_is_counted(run):
    runs = [run(seed=0), *(run(corruption="random_labels", probability=p) for p in (0.2, 0.5, 1.0))]
    some = found(*runs, most=4)
    assert (len(some.made), some.left) == (4, 2)
    assert "2 more comparisons are left out" in paired_note(some)
    assert "left out" not in paired_note(found(*runs))


def test_the_tables(run):
    runs = [run(seed=0, test=0.9), run(seed=1, test=0.8)]
    runs += [run(corruption="gaussian", seed=s, test=t) for s, t in ((0, 0.3), (1, 0.1))]
    settings = settings_of(runs)
    (row,) = paired_table(comparisons(settings), settings).to_dict("records")
    assert (row["setting"], row["less"]) == ("MLP, Gaussian", "MLP, true labels")
    assert row["test accuracy difference"] == pytest.approx(-0.65)
    assert row["test accuracy low"] < -0.65 < row["test accuracy high"]
    (shown,) = readable_paired(comparisons(settings), settings).to_dict("records")
    assert shown["test accuracy, points"].startswith("-65.00 ± 7.07 [")
    assert shown["train accuracy, points"] == "+0.00 ± 0.00 [+0.00, +0.00]"


def test_task_table_writes_them_where_two_seeds_are_common(run, tmp_path, capsys):
    runs = [run(seed=s, test=t) for s, t in ((0, 0.9), (1, 0.8))]
    runs += [run(corruption="gaussian", seed=s, test=t) for s, t in ((0, 0.3), (1, 0.1))]
    files = write_table(study_of(*runs), tmp_path)
    assert [file.name for file in files][-2:] == ["paired.csv", "paired.md"]
    assert pandas.read_csv(tmp_path / "paired.csv")["pairs"].tolist() == [2]
    assert "Each interval stands on its own" in (tmp_path / "paired.md").read_text()
    assert "study study, differences by seed" in capsys.readouterr().out


def test_one_common_seed_is_not_worth_a_table(run, tmp_path):
    write_table(study_of(run(), run(corruption="gaussian")), tmp_path / "table")
    assert not (tmp_path / "table/paired.csv").exists()


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """The differences of 1,000 studies of five seeds, and those as if no seeds were common.

    What a seed decides for both settings has a deviation of 0.02, what is left one of 0.005.
    """
    folder = tmp_path_factory.mktemp("studies") / "study"
    runs = [trained(folder, seed=s, corruption=c) for s in range(5) for c in ("none", "gaussian")]
    draws, paired, apart = np.random.default_rng(0), [], []
    for _ in range(1000):
        seeds = draws.normal(0, 0.02, 5)
        for run in runs:
            mean = 0.8 if run.corruption == "none" else 0.7
            run.result["metrics"]["test/accuracy"] = (
                mean + seeds[run.result["seed"]] + draws.normal(0, 0.005)
            )
        (one,) = comparisons(settings_of(runs)).made
        paired.append(one.differences["test accuracy"])
        deviations = [
            np.std([r.result["metrics"]["test/accuracy"] for r in s.runs], ddof=1)
            for s in (one.setting, one.other)
        ]
        apart.append(2.306 * np.hypot(*deviations) / np.sqrt(5))  # t with 8 degrees of freedom
    return paired, apart


def test_the_interval_covers_the_difference_in_95_of_100_studies(studies):
    covered = np.mean([one.low <= -0.1 <= one.high for one in studies[0]])
    assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 1000)


def test_pairs_tell_more_where_seeds_share_variation(studies):
    paired, apart = studies
    half = np.mean([(one.high - one.low) / 2 for one in paired])
    # In theory: 2.776 √2 · 0.005 / (2.306 √2 · 0.0206) = 0.29, but for the means of deviations.
    assert 0.25 < half / np.mean(apart) < 0.33
