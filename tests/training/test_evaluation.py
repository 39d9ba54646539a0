"""Exact measurement of a network."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from nullfit.training.evaluation import (
    Evaluation,
    confusion_matrix,
    evaluate,
    evaluate_reaching,
)


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(12, 5), nn.BatchNorm1d(5), nn.Dropout(0.5))


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randn(23, 3, 2, 2, generator=torch.Generator().manual_seed(1))


def test_equals_one_pass_over_everything_in_evaluation_mode(network, images) -> None:
    labels = torch.arange(23) % 5
    found = evaluate(network, images, labels, batch_size=7)
    with torch.no_grad():
        logits = network.eval()(images)
    assert found.loss == pytest.approx(float(functional.cross_entropy(logits, labels)), rel=1e-6)
    assert found.accuracy == pytest.approx(float((logits.argmax(1) == labels).double().mean()))
    assert torch.equal(found.predictions, logits.argmax(1))
    by_hand = [
        row[label] - max(value for other, value in enumerate(row) if other != label)
        for row, label in zip(logits.tolist(), labels.tolist(), strict=True)
    ]
    assert found.margins.tolist() == pytest.approx(by_hand, abs=1e-6)


def test_leaves_the_network_as_it_was(network, images) -> None:
    before = {name: value.clone() for name, value in network.state_dict().items()}
    evaluate(network.train(), images, torch.zeros(23).long())
    assert network.training
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_prepares_each_batch(network, images) -> None:
    labels = torch.zeros(23).long()
    doubled = evaluate(network, images * 2, labels)
    prepared = evaluate(
        network, images, labels, prepare=lambda batch, chosen: batch * 2, batch_size=5
    )
    torch.testing.assert_close(prepared.losses, doubled.losses)


def test_an_accuracy_is_reached_exactly_or_the_rest_is_left_out(network, images) -> None:
    seen = []
    labels = evaluate(network, images, torch.zeros(23).long()).predictions.clone()
    labels[[0, 2]] = (labels[[0, 2]] + 1) % 5  # two errors, among the first

    def looked_at(batch: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
        seen.append(len(batch))
        return batch

    whole = evaluate_reaching(21 / 23, network, images, labels, looked_at, batch_size=5)
    assert whole is not None
    assert whole.accuracy == 21 / 23
    assert sum(seen) == 23
    assert torch.equal(whole.losses, evaluate(network, images, labels, batch_size=5).losses)
    seen.clear()
    least = math.nextafter(21 / 23, 1)
    assert evaluate_reaching(least, network, images, labels, looked_at, batch_size=5) is None
    assert seen == [5]
    assert evaluate_reaching(1.0, network.train(), images, labels) is None
    assert network.training


def test_accuracy_among_no_samples_is_no_number() -> None:
    found = Evaluation(torch.tensor([0, 1]), torch.tensor([0, 0]), *torch.zeros(2, 2))
    nobody = torch.zeros(2, dtype=torch.bool)
    assert math.isnan(found.accuracy_against(found.labels, among=nobody))


def test_confusion_matrix_counts_true_class_by_row() -> None:
    found = Evaluation(torch.tensor([0, 0, 1, 2]), torch.tensor([0, 2, 1, 1]), *torch.zeros(2, 4))
    assert confusion_matrix(found, 3).tolist() == [[1, 0, 1], [0, 1, 0], [0, 1, 0]]
