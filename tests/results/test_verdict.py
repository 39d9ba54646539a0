"""What a training shows is said in a word, with a reason, and a setting that may help."""

from typing import Any

import pytest

from nullfit.results.verdict import verdict


def result(**changes: Any) -> dict[str, Any]:
    """A fitted run on the true labels of ten classes, 1,000 training samples."""
    fields: dict[str, Any] = {
        "status": "completed",
        "data": {"train_samples": 1_000},
        "corruption": {"name": "none", "labels_changed": 0.0},
        "metrics": {"train/accuracy": 1.0, "test/accuracy": 0.97},
        "fit": {"threshold": 0.99, "epochs_to_fit": 5},
        "steps": 5_000,
    }
    for key, value in changes.items():
        fields[key] = {**fields[key], **value} if isinstance(value, dict) else value
    return fields


def epochs(losses: list[float], rates: list[float] | None = None) -> list[dict[str, float]]:
    rates = rates or [0.01] * len(losses)
    return [
        {"train/running_loss": loss, "lr": rate} for loss, rate in zip(losses, rates, strict=True)
    ]


OPEN = {"max_epochs": None, "stop_at_train_accuracy": 1.0}


CHANCE = 0.12


@pytest.mark.parametrize(
    ("found", "chance", "word"),
    [
        pytest.param(result(), CHANCE, "learns", id="true labels"),
        pytest.param(
            result(metrics={"test/accuracy": 0.14}), CHANCE, "memorizes", id="images without a rule"
        ),
        pytest.param(
            result(
                corruption={"name": "random_labels", "labels_changed": 0.9},
                metrics={"test/accuracy": 0.1, "train/accuracy_corrupted": 1.0},
            ),
            CHANCE,
            "memorizes",
            id="random labels",
        ),
        pytest.param(
            result(
                corruption={"name": "random_labels", "labels_changed": 0.2},
                metrics={"test/accuracy": 0.7, "train/accuracy_corrupted": 0.99},
            ),
            CHANCE,
            "memorizes",
            id="some labels, though it predicts",
        ),
        pytest.param(
            result(
                corruption={"name": "pair_flip_labels", "labels_changed": 1.0},
                metrics={"test/accuracy": 0.0, "train/accuracy_corrupted": 1.0},
            ),
            CHANCE,
            "learns",
            id="labels that follow another rule",
        ),
        pytest.param(
            result(metrics={"test/accuracy": 0.85}),
            0.85,
            "memorizes",
            id="the largest class of unequal ones",
        ),
        pytest.param(result(), None, "learns", id="unknown chance"),
        pytest.param(
            result(metrics={"test/accuracy": 11 / 24}, data={"test_samples": 24}),
            8 / 24,
            "memorizes",
            id="better than chance by luck",
        ),
    ],
)
def test_a_fitted_set_is_memorized_or_learnt(found: dict[str, Any], chance, word: str) -> None:
    assert verdict(found, epochs([1.0, 0.1]), OPEN, chance).word == word


FALLING = [2.3 * 0.98**epoch for epoch in range(100)]
DECAYING = [0.1 * 0.95**epoch for epoch in range(100)]


@pytest.mark.parametrize(
    ("rows", "trainer", "told", "advice"),
    [
        (epochs(FALLING), {"max_epochs": 100}, "the loss still falls", "trainer.max_epochs=null"),
        (epochs(FALLING), OPEN, "the loss still falls", "trainer.max_epochs=200"),
        (epochs(FALLING, DECAYING), OPEN, "has decayed to 0.00062", "schedule=constant"),
        (epochs([2.3] * 100), OPEN, "the loss stays at 2.3", "optimizer.lr=0.003"),
        (epochs([2.3]), {"max_epochs": 1}, "the loss still falls", "trainer.max_epochs=null"),
    ],
)
def test_what_was_not_fitted_comes_with_what_may_help(rows, trainer, told, advice) -> None:
    found = verdict(
        result(fit={"epochs_to_fit": None}, metrics={"train/accuracy": 0.5}), rows, trainer, CHANCE
    )
    assert (found.word, found.advice) == ("not fitted", advice)
    assert told in found.reason
    assert str(found).endswith(f" give {advice}")


@pytest.mark.parametrize(("steps", "advice"), [(40, "trainer.max_epochs=null"), (5000, "lr=0.003")])
def test_a_loss_that_stays_for_few_steps_says_nothing_of_the_rate(steps: int, advice: str) -> None:
    unfitted = {"fit": {"epochs_to_fit": None}, "metrics": {"train/accuracy": 0.5}, "steps": steps}
    found = verdict(result(**unfitted), epochs([0.9] * 40), {"max_epochs": 40}, CHANCE)
    assert found.advice is not None
    assert found.advice.endswith(advice)


def test_a_run_that_was_to_stop_earlier_is_not_told_to_train_longer() -> None:
    trainer = {"max_epochs": None, "stop_at_train_accuracy": 0.9}
    found = verdict(
        result(fit={"epochs_to_fit": None}, metrics={"train/accuracy": 0.91}),
        epochs(FALLING),
        trainer,
        CHANCE,
    )
    assert found.advice == "trainer.stop_at_train_accuracy=1.0"


def test_a_diverged_run_shows_nothing() -> None:
    found = verdict(result(status="diverged"), epochs([2.3, float("nan")]), OPEN, CHANCE)
    assert (found.word, found.advice) == ("diverged", "optimizer.lr=0.001")
