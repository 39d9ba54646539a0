"""What two probes call the same is kept apart, and what cannot be kept apart is refused."""

from pathlib import Path

import numpy as np
import pandas
import pytest

from nullfit.errors import UserError
from nullfit.results.findings import Findings
from nullfit.results.result import read_arrays, read_result
from nullfit.runs.probes import FIELDS
from nullfit.tasks.train.task import train
from nullfit.training.probe import Probe

RUN = ("data.train_limit=30", "trainer.max_epochs=1", "trainer.record_confusion=true")


class Fake(Probe):
    """Finds arrays and scores that are filled with one number."""

    def __init__(self, name: str, fill: float, *, arrays=("score",), samples: int = 30) -> None:
        self.name, self.fill, self.arrays, self.samples = name, fill, arrays, samples

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        pass

    def finish(self, data):
        values = np.full(self.samples, self.fill)
        arrays = dict.fromkeys(self.arrays, values)
        return Findings({"fill": self.fill}, arrays, scores={"score": values})


@pytest.fixture
def run(tiny_config, tmp_path: Path, monkeypatch):
    """Trains with probes, of which the settings are those of a probe that is shipped."""

    def of(*probes: Probe) -> Path:
        config = tiny_config(*RUN, "probe=dynamics")
        section = config.probe
        made = dict(zip("abcd", probes, strict=False))
        monkeypatch.setattr("nullfit.runs.probes.typed_settings", lambda *_: {})
        monkeypatch.setattr(
            "nullfit.runs.probes.target_of",
            lambda _, name: lambda _: made[name.removeprefix("probes.")],
        )
        changed = {"probe": replace_name(section, "none"), "probes": dict.fromkeys(made, section)}
        train(config.model_copy(update=changed), tmp_path)
        return tmp_path

    def replace_name(section, name):
        return section.model_copy(update={"name": name})

    return of


def test_arrays_and_columns_of_one_name_are_both_kept(run, capsys) -> None:
    folder = run(Fake("one", 1.0), Fake("two", 2.0))
    arrays, samples = read_arrays(folder), pandas.read_csv(folder / "samples.csv")
    for found in (arrays, samples):
        assert set(found["score"]) == {1}
        assert set(found["two_score"]) == {2}
    told = capsys.readouterr().out
    for file in ("arrays.npz", "samples.csv"):
        assert f"{file}: score of probe two is two_score: the name was taken" in told


def test_an_array_of_the_run_is_kept_as_well(run) -> None:
    folder = run(Fake("one", 1.0, arrays=("confusion_matrix", "confusion_epochs")))
    arrays = read_arrays(folder)
    assert arrays["confusion_matrix"].shape == (10, 10)
    assert arrays["confusion_epochs"].tolist() == [1]
    assert set(arrays["one_confusion_matrix"]) == set(arrays["one_confusion_epochs"]) == {1}


def test_a_name_that_was_made_up_is_not_taken_twice(run) -> None:
    first = Fake("one", 1.0, arrays=("score", "two_score"))
    arrays = read_arrays(run(first, Fake("two", 2.0)))
    assert {name: set(arrays[name]) for name in ("two_score", "two_two_score")} == {
        "two_score": {1},
        "two_two_score": {2},
    }


@pytest.mark.parametrize("name", ["metrics", "status", "seed", "device", "a/b", "", None])
def test_a_name_that_is_none_is_refused_before_training(run, tmp_path, name) -> None:
    with pytest.raises(UserError, match="name of its class Fake"):
        run(Fake(name, 1.0))
    assert read_result(tmp_path) is None


def test_no_field_of_a_result_is_free(run) -> None:
    result = read_result(run(Fake("one", 1.0)))
    assert result["one"] == {"fill": 1.0}
    assert set(result) - {"one"} == FIELDS - {
        "seeds",
        "start",
        "digests",
    }  # where they are given


def test_a_score_that_is_not_of_each_sample_is_told(run) -> None:
    with pytest.raises(UserError, match=r"score of probe one has 29 values for 30 .* samples"):
        run(Fake("one", 1.0, samples=29))
