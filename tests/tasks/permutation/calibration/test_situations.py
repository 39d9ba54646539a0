import numpy as np
import pytest
import torch

from nullfit.tasks.permutation.calibration.situations import SITUATIONS

SAMPLES = 20_000


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_truth_is_as_declared(name: str) -> None:
    """The target is a function of the inputs and noise in which x2 never occurs."""
    situation = SITUATIONS[name]
    inputs = np.random.default_rng(0).normal(size=(200, situation.inputs))
    signal = situation.signal(inputs)
    changes = [not np.allclose(situation.signal(moved(inputs, j)), signal) for j in (0, 1)]
    assert changes == list(situation.active)
    # Linear in an input: equal second differences of zero, and a slope that is the same everywhere.
    slopes = np.stack([situation.signal(moved(inputs, 0, step)) - signal for step in (1.0, 2.0)])
    linear = np.allclose(slopes[1], 2 * slopes[0]) and np.ptp(slopes[0]) < 1e-9
    assert situation.nonlinear[0] == (situation.active[0] and not linear)


def moved(inputs: np.ndarray, column: int, step: float = 1.0) -> np.ndarray:
    after = inputs.copy()
    after[:, column] += step
    return after


@pytest.mark.parametrize(
    ("name", "correlation"),
    [("linear", 0.0), ("correlated", 0.8), ("curved", 0.0), ("none_correlated", 0.9)],
)
def test_the_second_input_depends_on_the_first(name: str, correlation: float) -> None:
    inputs = SITUATIONS[name].draw(SAMPLES, seed=1).inputs.flatten(1).numpy()
    assert np.corrcoef(inputs[:, 0], inputs[:, 1])[0, 1] == pytest.approx(correlation, abs=0.03)
    along_the_curve = np.corrcoef(inputs[:, 0] ** 2, inputs[:, 1])[0, 1]
    assert along_the_curve == pytest.approx(0.8 if name == "curved" else 0.0, abs=0.03)


def test_data_sets_are_standardized_and_follow_from_the_seed() -> None:
    first, again, other = (SITUATIONS["beside"].draw(100, seed) for seed in (1, 1, 2))
    assert torch.equal(first.inputs, again.inputs)
    assert torch.equal(first.targets, again.targets)
    assert not torch.equal(first.targets, other.targets)
    torch.testing.assert_close(first.inputs.mean(0), torch.zeros(1, 1, 5), atol=1e-6, rtol=0)
    torch.testing.assert_close(first.targets.std(correction=0), torch.tensor(1.0))
