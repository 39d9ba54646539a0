"""A search over settings: what it asks follows from what it is told, so that it can be resumed."""

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest

from nullfit.config.search import Between, OneOf, Space
from nullfit.errors import UserError
from nullfit.launchers.search import TRIALS, Search
from tests.launchers.grid import run

LR = Space({"optimizer.lr": Between(1e-4, 1.0, log=True)}, ["seed=1"])
SETTINGS: dict[str, Any] = {
    "trials": 12,
    "at_once": 1,
    "metric": "score",
    "direction": "maximize",
    "until": None,
    "seed": 3,
}


def searched(folder: Path, space: Space = LR, **settings: Any) -> Search:
    """A search to its end in which the score falls with the distance of log10 lr from −2."""
    search = Search(space, **(SETTINGS | settings))
    while not search.over:
        folders = []
        for words in search.ask():
            chosen = dict(word.split("=") for word in words)
            score = -abs(math.log10(float(chosen["optimizer.lr"])) + 2)
            place = folder / "_".join(words).replace("/", "_")
            place.mkdir(parents=True, exist_ok=True)
            result = {"task": "train", "status": "completed", "metrics": {"score": score}}
            (place / "result.json").write_text(json.dumps(result))
            folders.append(place)
        search.tell(folders)
    return search


@pytest.fixture(autouse=True)
def any_result_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(folder: Path) -> Any:
        path = folder / "result.json"
        return json.loads(path.read_text()) if path.is_file() else None

    monkeypatch.setattr("nullfit.launchers.search.read_result", read)


def test_it_begins_in_the_middle_and_comes_near_the_best(tmp_path: Path) -> None:
    search = searched(tmp_path, trials=40)
    assert search.tried[0].words == ["seed=1", "optimizer.lr=0.01"]
    shifted = Space({"optimizer.lr": Between(1e-6, 1e-1, log=True)}, [])
    found = searched(tmp_path, shifted, trials=40)
    assert found.best is not None
    rate = float(found.best.words[0].split("=")[1])
    assert 10**-2.3 < rate < 10**-1.7
    assert len({one.words[0] for one in found.tried}) > 30


@pytest.mark.parametrize("at_once", [1, 4])
def test_the_same_search_asks_the_same_again(tmp_path: Path, at_once: int) -> None:
    first, again = (searched(tmp_path, at_once=at_once) for _ in range(2))
    assert [one.words for one in first.tried] == [one.words for one in again.tried]
    other = searched(tmp_path, at_once=at_once, seed=4)
    assert [one.words for one in other.tried] != [one.words for one in first.tried]
    longer = searched(tmp_path, at_once=at_once, trials=16)
    assert [one.words for one in longer.tried[:12]] == [one.words for one in first.tried]


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_it_ends_where_the_value_is_reached(tmp_path: Path, direction: str) -> None:
    until = -0.5 if direction == "maximize" else -1.5
    space = Space({"optimizer.lr": Between(1e-8, 10.0, log=True)}, [])
    search = searched(tmp_path, space, direction=direction, until=until, trials=50)
    assert search.reached
    assert len(search.tried) < 50
    assert search.best is search.tried[-1]


def test_runs_without_a_value_are_counted_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    search = Search(Space({"a": OneOf(["x", "y"])}, []), **(SETTINGS | {"trials": 2}))
    search.ask()
    search.tell([tmp_path / "nothing"])
    search.ask()
    (tmp_path / "diverged").mkdir()
    result = {"task": "train", "status": "diverged", "metrics": {"score": 0.5}}
    (tmp_path / "diverged" / "result.json").write_text(json.dumps(result))
    search.tell([tmp_path / "diverged"])
    assert search.over
    search.conclude(tmp_path)
    first, second, summary, wrote = capsys.readouterr().out.splitlines()
    assert first.startswith("  trial 1: a=")
    assert first.endswith(": without a value")
    assert second.startswith("  trial 2: a=")
    assert summary == "search: no value of score in 2 trials, 2 without a value"
    assert wrote == f"  wrote {tmp_path / 'search.csv'}"


def test_a_metric_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"metric=scor is no metric.* Did you mean score\?"):
        searched(tmp_path, metric="scor")


def test_without_optuna_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nullfit.launchers.search.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'nullfit\[optuna\]'"):
        Search(LR, **SETTINGS)


@pytest.mark.slow
def test_a_search_goes_on_where_it_was(tmp_path: Path) -> None:
    rates = "optimizer.lr=tag(log,interval(1e-3,1))"
    words = ("hydra/sweeper=optuna", rates, "study=rates", "trainer.max_epochs=2")
    first = run(tmp_path, *words, "hydra.sweeper.trials=2")
    assert first.returncode == 0, first.stderr
    before = rows(tmp_path)
    more = ("hydra.sweeper.trials=5", "hydra.sweeper.at_once=1")
    second = run(tmp_path, *words, *more)
    assert second.stdout.count("finished before") == 2
    assert "search: train/accuracy" in second.stdout
    after = rows(tmp_path)
    assert after[:3] == before
    assert len(after) == 6
    for row in after[1:]:
        result = json.loads((tmp_path / "outputs" / "rates" / row[-1] / "result.json").read_text())
        assert float(row[2]) == result["metrics"]["train/accuracy"]
        assert f"optimizer.lr={row[1]}" in result["command"]


def rows(folder: Path) -> list[list[str]]:
    with (folder / "outputs" / "rates" / TRIALS).open() as file:
        return list(csv.reader(file))
