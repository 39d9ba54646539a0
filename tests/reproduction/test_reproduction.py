"""`make reproduce`: its parts are runs that can be run, and its page is made of their results."""

import re
from dataclasses import replace

import numpy as np
import pandas
import pytest

from nullfit.errors import UserError
from nullfit.results.published.figures import Published
from nullfit.results.published.scoreboard import Comparison
from nullfit.results.result import read_arrays, write_arrays
from nullfit.results.study import read_study
from reproduction import page
from reproduction.__main__ import plan
from reproduction.parts import RESULTS, Data, alike, chosen_parts, jobs_of, parts

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder with two images in the place of CIFAR-10."""
    monkeypatch.chdir(tmp_path)
    for split in ("train", "test"):
        (tmp_path / f"data/cifar10-images/{split}/cat").mkdir(parents=True)
        (tmp_path / f"data/cifar10-images/{split}/cat/0.png").write_bytes(b"")
    return Data("data")


@pytest.mark.parametrize("part", parts(), ids=lambda part: part.name)
def test_every_part_is_runs_that_can_be_run(part, data):
    planned = plan(part, data, {}, cores=2)
    assert planned.jobs
    assert planned.left == len(planned.jobs)
    assert planned.minutes == pytest.approx(part.minutes * len(planned.jobs))
    assert len({job.config.job for job in planned.jobs}) == len(planned.jobs)


def test_runs_of_another_seed_take_the_same_time_and_longer_ones_do_not(data):
    words = ["experiment=table_1", "scale=paper", *data.words("{cifar10}"), "model=mlp_1x512"]
    keys = [
        {alike(job.config.plain()) for job in jobs_of([*words, *more])}
        for more in ([], ["seed=7"], ["trainer.max_epochs=7"])
    ]
    assert keys[0] == keys[1]
    assert not keys[0] & keys[2]


def test_finished_runs_cost_nothing(data, monkeypatch):
    part = next(part for part in parts() if part.name == "table_4")
    before = plan(part, data, {}, cores=1)
    first = before.jobs[0].config
    monkeypatch.setattr("reproduction.parts.has_result", lambda config, folder: config == first)
    assert (before.left, before.minutes) == (1, 2 * part.minutes)
    assert plan(part, data, {}, cores=1).minutes == part.minutes


def test_an_unknown_part_is_refused_with_the_nearest():
    with pytest.raises(UserError, match="ONLY=table_3"):
        chosen_parts(["table3"], gpu=False)


def test_parts_for_a_gpu_are_left_out_without_one():
    wanted, left = chosen_parts([], gpu=False)
    assert {part.name for part in left} == {part.name for part in parts() if part.gpu}
    assert wanted == [part for part in parts() if not part.gpu]
    assert chosen_parts([], gpu=True) == (parts(), [])
    assert [part.name for part in chosen_parts(["alexnet"], gpu=False)[0]] == ["alexnet"]


def test_missing_data_are_told_with_the_command_that_fetches_them(tmp_path):
    with pytest.raises(UserError, match=r"data.download=true"):
        Data(str(tmp_path)).words("{cifar10}")


def test_the_page_is_the_one_that_the_results_make():
    """Nobody writes into it by hand, and no result is missing from it."""
    studies = [read_study(str(RESULTS), name) for name in page.ordered()]
    pictures = [
        page.Picture(study.name, f"reproduction_{study.name}_{figure}.png", caption)
        for study in studies
        for figure, caption in page.notes()["pictures"].get(study.name, {}).items()
        if (page.IMAGES / f"reproduction_{study.name}_{figure}.png").is_file()
    ]
    assert page.PAGE.read_text() == page.page(studies, pictures)


def test_an_explanation_stands_above_the_numbers_that_it_is_of():
    _, _, body = page.PAGE.read_text().partition("## What differs, and why")
    for entry in page.notes()["explanations"]:
        _, said, rest = body.partition(entry["text"].strip())
        assert said
        _, numbers, *_ = rest.split("\n\n")
        heading, _, *rows = numbers.splitlines()
        assert heading.startswith("| quantity | of |")
        assert rows
        for row in rows:
            assert re.match(rf"\| \S*{entry['quantity']}", row)
            if entry.get("corruption") == "random_labels":
                assert "random labels" in row


NUMBER = Published("a paper", None, "test/accuracy", 0.5, {}, {}, (), None, None)


@pytest.mark.parametrize(
    ("ours", "differing"),
    [
        ([0.505], False),
        ([0.515], True),  # one run: a point
        ([0.52, 0.50, 0.54], False),  # its mean is 0.02 off, its deviation 0.02
        ([0.55, 0.56, 0.57], True),
        ([float("nan")], False),
    ],
)
def test_a_number_differs_by_more_than_its_spread_explains(ours, differing):
    comparison = Comparison(NUMBER, [], pandas.Series(ours), [])
    assert page.differs(comparison) is differing


@pytest.mark.parametrize("n", [2, 3, 10])
def test_by_chance_one_number_in_twenty_differs(n):
    """A level is tested by simulation: theirs is one more run of the same setting."""
    random = np.random.default_rng(n)
    runs = random.normal(0.5, 0.03, (2000, n + 1))
    found = [
        page.differs(Comparison(replace(NUMBER, value=theirs), [], pandas.Series(ours), []))
        for theirs, *ours in runs.tolist()
    ]
    assert abs(np.mean(found) - 0.05) < 3 * (0.05 * 0.95 / 2000) ** 0.5


def test_a_loss_differs_by_a_twentieth():
    loss = replace(NUMBER, quantity="test/loss", value=2.0)
    found = [page.differs(Comparison(loss, [], pandas.Series([x]), [])) for x in (2.09, 2.11)]
    assert found == [False, True]


def test_of_large_arrays_those_are_kept_that_numbers_are_measured_on(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(page, "SMALL", 1000)
    run = tmp_path / "new" / "study" / "job"
    run.mkdir(parents=True)
    (run / "result.json").write_text("{}")
    write_arrays(run, forgetting=np.zeros(10), aum=np.random.default_rng(0).random(1000))
    assert page.keep(tmp_path / "new") == 1
    kept = read_arrays(tmp_path / "results" / "study" / "job")
    assert list(kept) == ["forgetting"]
