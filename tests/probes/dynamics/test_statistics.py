"""The scores against their definitions, computed in plain Python from every step's logits."""

import math
import statistics
from itertools import pairwise

import numpy as np
import pytest
import torch

from nullfit.probes.dynamics.statistics import Statistics, by_forgetting

# Of each sample and epoch the logits of three classes; the labels follow.
LOGITS = {
    "learnt at once": [(2, 0, 1), (3, 1, 0), (4, 0, 0), (5, 0, 1)],
    "forgotten twice": [(0, 1, 0), (1, 0, 0), (0, 2, 1), (2, 0, 3)],
    "never learnt": [(3, 1, 0), (2, 1, 1), (2, 0, 1), (1, 0, 0)],
    "learnt in the end": [(3, 1, 0), (2, 1, 1), (2, 0, 1), (0, 1, 3)],
    "tied": [(1, 1, 0), (1, 1, 1), (0, 0, 0), (1, 1, -1)],
}
LABELS = [0, 1, 1, 2, 1]
EPOCHS = 4


def by_definition(logits, label, el2n_epoch) -> dict[str, float]:
    def softmax(z):
        total = sum(math.exp(value) for value in z)
        return [math.exp(value) / total for value in z]

    correct = [z.index(max(z)) == label for z in logits]
    margins = [z[label] - max(v for c, v in enumerate(z) if c != label) for z in logits]
    p = [softmax(z) for z in logits]
    errors = [value - (c == label) for c, value in enumerate(p[min(el2n_epoch, EPOCHS) - 1])]
    forgotten = sum(was and not now for was, now in pairwise(correct))
    return {
        "forgetting": forgotten if any(correct) else math.inf,
        "first_learnt": correct.index(True) + 1 if any(correct) else 0,
        "aum": sum(margins) / len(margins),
        "confidence": statistics.mean(values[label] for values in p),
        "variability": statistics.pstdev(values[label] for values in p),
        "correctness": sum(correct) / len(correct),
        "el2n": math.sqrt(sum(error**2 for error in errors)),
    }


def trained(el2n_epoch: int, epochs: int = EPOCHS) -> Statistics:
    """Steps of two and three samples, in another order each epoch."""
    found, labels = Statistics(len(LABELS), el2n_epoch), torch.tensor(LABELS)
    logits = torch.tensor(list(LOGITS.values()), dtype=torch.float32)
    for epoch in range(epochs):
        order = torch.tensor([(place * 2 + epoch) % 5 for place in range(5)])
        for chosen in (order[:2], order[2:]):
            found.add(chosen, logits[chosen, epoch], labels[chosen])
    return found


@pytest.mark.parametrize("el2n_epoch", [1, 3, 9])
def test_scores_are_as_they_are_defined(el2n_epoch: int) -> None:
    scores = trained(el2n_epoch).scores()
    assert scores is not None
    for index, (name, logits) in enumerate(LOGITS.items()):
        expected = by_definition(logits, LABELS[index], el2n_epoch)
        found = {score: float(values[index]) for score, values in scores.items()}
        assert found == pytest.approx(expected, abs=1e-6), name


def test_what_each_sample_is_known_for() -> None:
    scores = trained(1).scores()
    assert scores is not None
    assert scores["forgetting"].tolist() == [0, 2, np.inf, 0, np.inf]
    assert scores["first_learnt"].tolist() == [1, 1, 0, 4, 0]
    order = by_forgetting(scores).tolist()
    assert order[:3] == [0, 3, 1]
    assert set(order[3:]) == {2, 4}


def test_steps_that_are_not_finite_do_not_count() -> None:
    expected, found = trained(2).scores(), trained(2)
    broken = torch.tensor([[torch.nan, 0, 0], [torch.inf, 0, 0]])
    found.add(torch.tensor([0, 3]), broken, torch.tensor([0, 2]))
    scores = found.scores()
    assert expected is not None
    assert scores is not None
    assert all(np.array_equal(scores[name], expected[name]) for name in expected)
    assert Statistics(3, 1).scores() is None


def test_a_constant_probability_does_not_vary() -> None:
    found, same = Statistics(1, 1), torch.tensor([[0.1, 0.7, 0.3]])
    for _ in range(1000):
        found.add(torch.tensor([0]), same, torch.tensor([1]))
    scores = found.scores()
    assert scores is not None
    assert scores["variability"][0] == 0
    assert found.epochs == 1000


def test_the_last_wrong_answer_is_kept_and_an_earlier_checkpoint_has_none() -> None:
    # The largest other logit, the first of equals; a sample that was always right has none.
    assert trained(1).taken_for().tolist()[:4] == [-1, 2, 0, 0]
    earlier = Statistics(len(LABELS), 1)
    earlier.load(trained(1).rows[:, :-1])
    assert earlier.taken_for().tolist() == [-1] * 5
    assert earlier.scores()["aum"].tolist() == trained(1).scores()["aum"].tolist()
