"""task=implicit_regularization, from configuration to result."""

from pathlib import Path

import pytest

from nullfit.config.components import typed_settings
from nullfit.errors import UserError
from nullfit.results.result import read_arrays
from nullfit.tasks.implicit_regularization.task import implicit_regularization

TASK = "implicit_regularization"
SMALL = (f"task={TASK}", "data.train_limit=12", "data.test_limit=100", f"{TASK}.features=raw")


@pytest.fixture
def run(tiny_config, tmp_path: Path):
    def start(*overrides: str):
        config = tiny_config(*SMALL, *overrides)
        folder = tmp_path / config.job
        settings = typed_settings(implicit_regularization, config.task_settings)
        return implicit_regularization(config, folder, **settings), folder

    return start


def test_sgd_from_zero_ends_at_the_least_norm(run, capsys):
    result, folder = run()
    metrics, arrays = result["metrics"], read_arrays(folder)
    assert result[TASK]["converged"]
    assert metrics["distance"] <= 1e-3
    assert metrics["solution_norm"] == pytest.approx(metrics["minimum_norm"], rel=1e-3)
    assert metrics["test/error"] == metrics["test/error_minimum_norm"]
    assert arrays["step"][0] == 0
    assert arrays["step"][-1] == result["steps"]
    assert arrays["distance"][0] == 1
    assert arrays["norm"][0] == 0
    assert "converged after" in capsys.readouterr().out


def test_another_start_keeps_what_no_sample_sees(run):
    metrics = run()[0]["metrics"]
    assert metrics["start/distance_to_own"] <= 1e-3
    assert metrics["start/distance"] == pytest.approx(metrics["start/unseen"], rel=1e-3)
    assert metrics["start/unseen"] > 0.8  # 52 of 64 dimensions
    expected = metrics["minimum_norm"] * (1 + metrics["start/unseen"] ** 2) ** 0.5
    assert metrics["start/norm"] == pytest.approx(expected, rel=1e-3)


def test_too_few_steps_are_told_and_no_start_is_none(run, capsys):
    result, folder = run(f"{TASK}.steps=50", f"{TASK}.start=0")
    assert not result[TASK]["converged"]
    assert result["steps"] == 50
    assert not [name for name in (*result["metrics"], *read_arrays(folder)) if "start" in name]
    assert "not converged in 50 steps: distance" in capsys.readouterr().out


def test_the_same_command_again_does_nothing(run, capsys):
    first, _ = run(f"{TASK}.steps=5")
    capsys.readouterr()
    assert run(f"{TASK}.steps=5")[0] == first
    assert "finished before, nothing to do" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["data.train_limit=64"], r"64 training samples have 64 features.*\n.*train_limit=32 say"),
        (["data.train_limit=62"], r"62 training samples have features of rank \d\d.*not over-"),
        (["regularizer=weight_decay"], "regularizer=weight_decay has no effect"),
    ],
)
def test_what_is_refused_before_anything_is_written(run, tmp_path, overrides, message):
    with pytest.raises(UserError, match=message):
        run(*overrides)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("rate", [0, 2])
def test_a_rate_that_is_not_stable_is_refused(tiny_config, rate):
    with pytest.raises(UserError, match=f"{TASK}.rate={rate}"):
        tiny_config(*SMALL, f"{TASK}.rate={rate}")
