"""The Gaussian, its divergence and gradients, against torch, quadrature and closed forms."""

import copy
import math
import os
import signal
from pathlib import Path

import pytest
import torch
from scipy import integrate, stats
from torch import distributions, nn

from nullfit.models import MLP
from nullfit.runs.task_checkpoint import TaskCheckpoint
from nullfit.system.interruption import Interrupted, interruptible
from nullfit.tasks.pac_bayes.bound import Priors, complexity
from nullfit.tasks.pac_bayes.draws import IMAGES, draw_errors
from nullfit.tasks.pac_bayes.fitting import Fitted, fit
from nullfit.tasks.pac_bayes.posterior import Objective, Posterior

PRIORS = Priors(0.1, 100.0)
LABELS = torch.arange(30) % 2


def logarithm(value: float) -> torch.Tensor:
    return torch.tensor(math.log(value), dtype=torch.float64)


@pytest.fixture
def posterior() -> Posterior:
    draws = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    network = MLP((1, 2, 2), 2, hidden=[3], bias=True, dropout=0.0).double().eval()
    start = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.3 * torch.randn(weight.shape, generator=draws, dtype=torch.float64))
    made = Posterior.around(network, start, 1.0)
    made.log_deviation.add_(
        0.2 * torch.randn(made.mean.shape, generator=draws, dtype=torch.float64)
    )
    return made


@pytest.fixture
def images() -> torch.Tensor:
    draws = torch.Generator().manual_seed(1)
    noise = torch.randn(30, 1, 2, 2, generator=draws, dtype=torch.float64)
    return noise + LABELS[:, None, None, None] * 2


def test_divergence_is_torchs(posterior: Posterior) -> None:
    own = distributions.Normal(posterior.mean, posterior.log_deviation.exp())
    prior = distributions.Normal(posterior.start, 0.02**0.5)
    expected = float(distributions.kl_divergence(own, prior).sum())
    assert float(posterior.kl(logarithm(0.02))) == pytest.approx(expected, rel=1e-12)


def test_divergence_of_one_weight_is_an_integral() -> None:
    mean, deviation, start, variance = 0.4, 0.3, -0.1, 0.2
    one = Posterior(
        nn.Identity(), *(torch.tensor([x], dtype=torch.float64) for x in (start, mean)),
        torch.tensor([math.log(deviation)], dtype=torch.float64),
    )  # fmt: skip
    own, prior = stats.norm(mean, deviation), stats.norm(start, variance**0.5)
    expected, _ = integrate.quad(lambda x: own.pdf(x) * (own.logpdf(x) - prior.logpdf(x)), -4, 4)
    assert float(one.kl(logarithm(variance))) == pytest.approx(expected, rel=1e-9)


def test_divergence_from_itself_is_none(posterior: Posterior) -> None:
    deviations = torch.full_like(posterior.mean, 0.5 * math.log(0.03))
    same = Posterior(posterior.network, posterior.mean, posterior.mean, deviations)
    assert float(same.kl(logarithm(0.03))) == pytest.approx(0, abs=1e-12)


def test_single_precision_is_enough_for_many_weights() -> None:
    draws = torch.Generator().manual_seed(2)
    vectors = [0.05 * torch.randn(400_000, generator=draws) for _ in range(2)]
    deviations = -3 + 0.5 * torch.randn(400_000, generator=draws)
    single = Posterior(nn.Identity(), *vectors, deviations)
    double = Posterior(nn.Identity(), *(v.double() for v in vectors), deviations.double())
    expected = float(double.kl(logarithm(0.003)))
    assert float(single.kl(logarithm(0.003))) == pytest.approx(expected, abs=0.05)


def test_weights_begin_where_the_network_is(posterior: Posterior, images) -> None:
    assert torch.equal(posterior.logits(posterior.mean, images), posterior.network(images))
    other = copy.deepcopy(posterior.network)
    nn.utils.vector_to_parameters(posterior.start, other.parameters())
    assert torch.equal(posterior.logits(posterior.start, images), other(images))
    assert not torch.equal(other(images), posterior.network(images))


def test_gradients_are_those_of_finite_differences(posterior: Posterior, images) -> None:
    objective = Objective(1000, 0.025, PRIORS)

    def minimized(mean: torch.Tensor, deviation: torch.Tensor) -> torch.Tensor:
        moved = Posterior(posterior.network, posterior.start, mean, deviation)
        weights = moved.draw(torch.Generator().manual_seed(3))
        surrogate = objective.surrogate(moved.logits(weights, images), LABELS)
        return surrogate + objective.penalty(moved)

    given = [posterior.mean.clone(), posterior.log_deviation.clone() - 3]  # below the largest λ
    assert torch.autograd.gradcheck(minimized, [vector.requires_grad_() for vector in given])


def test_what_is_minimized_is_the_bound_but_for_rounding_of_the_prior(posterior: Posterior) -> None:
    posterior.log_deviation.sub_(3)
    objective = Objective(1000, 0.025, PRIORS)
    chosen = objective.chosen(posterior)
    free = 2 * float(objective.penalty(posterior)) ** 2
    assert chosen.complexity == pytest.approx(free, abs=1e-3)
    variance = PRIORS.variance(chosen.j)
    kl = float(posterior.kl(logarithm(variance)))
    assert chosen.kl == pytest.approx(kl)
    assert chosen.complexity == complexity(chosen.kl, 1000, 0.025, PRIORS.cost(chosen.j))
    others = [float(posterior.kl(logarithm(PRIORS.variance(j)))) for j in range(1, 1500)]
    assert chosen.kl <= min(others) + 0.05


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_the_surrogate_is_never_below_the_error(classes: int) -> None:
    draws = torch.Generator().manual_seed(classes)
    objective = Objective(1000, 0.025, PRIORS)
    for scale in (0.01, 1.0, 20.0):
        logits = scale * torch.randn(200, classes, generator=draws)
        labels = torch.randint(classes, (200,), generator=draws)
        for at in range(200):
            wrong = float(logits[at].argmax() != labels[at])
            assert float(objective.surrogate(logits[at : at + 1], labels[at : at + 1])) >= wrong


def fitted(posterior: Posterior, images: torch.Tensor, epochs: int, seed: int = 0, **others):
    own = Posterior(
        posterior.network, posterior.start, posterior.mean.clone(), posterior.log_deviation.clone()
    )
    told: list[tuple[int, str]] = []

    def hear(done: int, text: str) -> None:
        told.append((done, text))

    found = fit(
        own, Objective(30, 0.025, PRIORS), images, LABELS, epochs=epochs, batch_size=8,
        learning_rate=0.02, seed=seed, **{"advance": hear} | others,
    )  # fmt: skip
    assert len(found) == epochs
    if told:
        assert [done for done, _ in told] == list(range(4 * epochs + 1))
        assert told[-1][1].startswith(f"epoch {epochs} of {epochs}, objective ")
    return own, found


def test_fitting_makes_it_smaller_and_repeats_to_the_bit(posterior: Posterior, images) -> None:
    own, found = fitted(posterior, images, 60)
    again, same = fitted(posterior, images, 60)
    assert torch.equal(own.mean, again.mean)
    assert torch.equal(own.log_deviation, again.log_deviation)
    assert found == same
    assert found[-1].penalty < 0.8 * found[0].penalty
    assert found[-1].kl == Objective(30, 0.025, PRIORS).chosen(own).kl
    other, _ = fitted(posterior, images, 60, seed=1)
    assert not torch.equal(own.mean, other.mean)


class KilledError(Exception):
    """What comes without a signal, as the end of the machine does."""


@pytest.mark.parametrize("steps", [1, 7, 8, 13, 23, 24])  # of 24, four in an epoch
@pytest.mark.parametrize("asked", [True, False], ids=["asked to stop", "killed"])
def test_an_interrupted_fit_goes_on_and_ends_with_the_same_bits(
    posterior: Posterior, images, tmp_path: Path, steps: int, asked: bool
) -> None:
    whole, found = fitted(posterior, images, 6)

    def stop(done: int, text: str) -> None:
        if done == steps:
            raise Interrupted(signal.SIGTERM) if asked else KilledError

    def checkpoint(seconds: float) -> TaskCheckpoint[Fitted]:
        return TaskCheckpoint(Fitted, tmp_path, "fit.ckpt", "this fit", seconds)

    with pytest.raises(Interrupted if asked else KilledError) as stopped:
        fitted(posterior, images, 6, advance=stop, checkpoint=checkpoint(1e9 if asked else 0.0))
    assert not asked or stopped.value.saved
    told: list[int] = []
    own, after = fitted(
        posterior, images, 6, advance=lambda done, _: told.append(done), checkpoint=checkpoint(1e9)
    )
    before = steps if asked else steps - 1
    assert told == list(range(before, 25))
    assert torch.equal(own.mean, whole.mean)
    assert torch.equal(own.log_deviation, whole.log_deviation)
    assert after == found


def test_a_signal_waits_for_the_end_of_a_step(
    posterior: Posterior, images, tmp_path: Path, monkeypatch
) -> None:
    whole, found = fitted(posterior, images, 2)
    checkpoint = TaskCheckpoint(Fitted, tmp_path, "fit.ckpt", "this fit", 1e9)
    step = torch.optim.Adam.step

    def signalled(self: torch.optim.Adam) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        step(self)

    with monkeypatch.context() as patch:
        patch.setattr(torch.optim.Adam, "step", signalled)
        with pytest.raises(Interrupted), interruptible():
            fitted(posterior, images, 2, checkpoint=checkpoint)
    assert checkpoint.load().steps == 1
    own, after = fitted(posterior, images, 2, advance=lambda *_: None, checkpoint=checkpoint)
    assert torch.equal(own.mean, whole.mean)
    assert after == found


class Threshold(nn.Module):
    """One weight w; class 1 where it is above the pixel."""

    def __init__(self, weight: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([weight]))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        given = images.flatten(1)
        return torch.cat([given, self.weight.expand(len(given), 1)], 1)


def test_drawn_errors_have_the_expected_mean() -> None:
    network = Threshold(0.3)
    start = {"weight": torch.tensor([1.0])}
    posterior = Posterior.around(network, start, 0.5)
    pixels = torch.tensor([-1.0, 0.0, 0.5, 2.0]).view(4, 1, 1, 1)
    train = pixels, torch.tensor([1, 1, 0, 1])
    test = pixels[:2], torch.tensor([0, 1])
    calls: list[int] = []
    drawn = draw_errors(posterior, train, test, draws=3000, seed=5, advance=lambda: calls.append(1))
    assert len(calls) == len(drawn.train) == len(drawn.test) == 3000
    above = 1 - stats.norm(0.3, 0.5).cdf([-1.0, 0.0, 0.5, 2.0])
    wrong = [1 - above[0], 1 - above[1], above[2], 1 - above[3]]
    for found, expected in ((drawn.train, sum(wrong) / 4), (drawn.test, (above[0] + wrong[1]) / 2)):
        error = float(found.std()) / 3000**0.5
        assert float(found.mean()) == pytest.approx(expected, abs=4 * error)
        assert set((found * IMAGES).round().tolist()) <= set(range(IMAGES + 1))
    again = draw_errors(posterior, train, test, draws=10, seed=5, advance=lambda: None)
    assert torch.equal(again.train, drawn.train[:10])
