"""``trainer.record_confusion``: the confusion matrix of the test set after each evaluation."""

from pathlib import Path

import numpy as np
import pandas
import pytest

from nullfit.config.identity import config_hash
from nullfit.errors import UserError
from nullfit.results.result import read_arrays
from nullfit.runs import training
from nullfit.tasks.train.task import train
from nullfit.training import evaluation
from tests.training.interruption import unplugged

RECORD = "trainer.record_confusion=true"


def recorded(folder: Path) -> tuple[np.ndarray, list[int]]:
    arrays = read_arrays(folder)
    return arrays["confusion_by_epoch"], arrays["confusion_epochs"].tolist()


def test_each_evaluation_leaves_a_matrix_and_the_last_is_that_of_the_network(
    tiny_config, tmp_path: Path
) -> None:
    train(tiny_config(RECORD, "trainer.max_epochs=5", "trainer.evaluate_every=2"), tmp_path)
    matrices, epochs = recorded(tmp_path)
    assert epochs == [2, 4, 5]
    assert matrices.dtype == np.int32
    assert matrices.shape == (3, 10, 10)
    rows = pandas.read_csv(tmp_path / "metrics.csv").set_index("epoch")
    accuracies = matrices.trace(axis1=1, axis2=2) / matrices.sum(axis=(1, 2))
    assert accuracies == pytest.approx(rows.loc[epochs, "test/accuracy"])
    last = read_arrays(tmp_path)["confusion_matrix"]
    assert (matrices[-1] == last).all()  # so rows are true classes there as well
    assert not (matrices[0] == last).all()


def test_it_changes_nothing_else_and_costs_no_pass(
    tiny_config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes, evaluate = [], evaluation.evaluate_reaching

    def counted(*given, **options):
        passes.append(given)
        return evaluate(*given, **options)

    monkeypatch.setattr(evaluation, "evaluate_reaching", counted)
    plain = train(tiny_config("trainer.max_epochs=3"), tmp_path / "plain")
    before, passes[:] = len(passes), []
    result = train(tiny_config(RECORD, "trainer.max_epochs=3"), tmp_path / "recorded")
    assert len(passes) == before > 3
    assert result["metrics"] == plain["metrics"]
    assert set(read_arrays(tmp_path / "plain")) == {"confusion_matrix"}


def test_an_interrupted_run_ends_with_the_same_matrices(
    tiny_config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tiny_config(RECORD, "trainer.max_epochs=5", "trainer.checkpoint_seconds=0")
    train(config, tmp_path / "whole")
    with unplugged(monkeypatch, epoch=3):
        train(config, tmp_path / "broken")
    train(config, tmp_path / "broken")
    (expected, epochs), (matrices, resumed) = (recorded(tmp_path / n) for n in ("whole", "broken"))
    assert resumed == epochs == [1, 2, 3, 4, 5]
    assert (matrices == expected).all()


def test_a_run_that_diverges_keeps_what_there_was(tiny_config, tmp_path: Path) -> None:
    result = train(tiny_config(RECORD, "optimizer.lr=1e30", "trainer.max_epochs=50"), tmp_path)
    assert result["status"] == "diverged"
    matrices, epochs = recorded(tmp_path)
    assert epochs == pandas.read_csv(tmp_path / "metrics.csv")["epoch"].tolist()
    assert (matrices.sum(axis=(1, 2)) == 100).all()


def test_with_it_a_run_is_another_and_without_it_the_same_as_before(make_config) -> None:
    plain = make_config().plain()
    assert make_config(RECORD).job != make_config().job
    before = {key: value for key, value in plain["trainer"].items() if key != "record_confusion"}
    assert config_hash({**plain, "trainer": before}) == config_hash(plain)


@pytest.mark.parametrize(
    "task", ["kernel", "rademacher", "memorization", "capacity", "permutation_test", "report"]
)
def test_tasks_that_keep_none_refuse_it(make_config, task: str) -> None:
    with pytest.raises(UserError, match=rf"record_confusion=true has no effect on task={task}, "):
        make_config(RECORD, f"task={task}")


def test_more_than_can_be_read_is_refused_and_the_proposal_is_not(
    tiny_config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_MOST_BYTES", 3 * 400)
    for every in (1, 3):
        config = tiny_config(RECORD, "trainer.max_epochs=10", f"trainer.evaluate_every={every}")
        with pytest.raises(UserError, match=r"Use trainer\.evaluate_every=4,"):
            train(config, tmp_path)
    train(tiny_config("trainer.evaluate_every=4", RECORD, "trainer.max_epochs=10"), tmp_path)
    assert recorded(tmp_path)[1] == [4, 8, 10]
