"""The likelihood-ratio attack, on margins whose distributions are known."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score, roc_curve

from nullfit.tasks.memorization import membership
from nullfit.tasks.memorization.membership import likelihood_ratios, memberships
from tests.tasks.memorization.by_hand import answers


def normal_margins(trainings, samples, difference, seed=0):
    random = np.random.default_rng(seed)
    inside = random.random((trainings, samples)) < 0.5
    centers = random.normal(size=samples) * 3
    margins = centers + difference * inside + random.normal(size=inside.shape)
    return inside, margins


def test_ratios_are_those_of_the_normal_distributions_of_all_other_networks() -> None:
    inside, margins = normal_margins(200, 3, 1.0)
    found = likelihood_ratios(margins, inside)
    for network in (0, 1, 57):
        others = np.arange(200) != network
        for sample in range(3):
            densities = [
                norm.logpdf(margins[network, sample], chosen.mean(), chosen.std(ddof=1))
                for kind in (inside, ~inside)
                for chosen in [margins[others & kind[:, sample], sample]]
            ]
            assert found[network, sample] == pytest.approx(densities[0] - densities[1])


def test_few_networks_share_the_variance_of_all_samples() -> None:
    inside, margins = normal_margins(20, 5000, 0.0)
    found = likelihood_ratios(margins, inside)
    sample, network = 4, 2
    others = np.arange(20) != network
    means = [margins[others & kind[:, sample], sample].mean() for kind in (inside, ~inside)]
    spreads = [
        np.mean([margins[kind[:, s], s].var(ddof=1) for s in range(5000) if kind[:, s].sum() > 1])
        for kind in (inside, ~inside)
    ]
    expected = [
        norm.logpdf(margins[network, sample], mean, np.sqrt(v))
        for mean, v in zip(means, spreads, strict=True)
    ]
    assert found[network, sample] == pytest.approx(expected[0] - expected[1], rel=0.05, abs=0.02)


def test_the_attack_is_at_chance_where_networks_do_not_know_their_members() -> None:
    inside, margins = normal_margins(100, 400, 0.0)
    (found,) = memberships(answers(inside, inside, margin=margins), 1, [np.ones(400, bool)])
    assert found is not None
    assert found.area_under_curve == pytest.approx(0.5, abs=5 * 0.29 / np.sqrt(20_000))
    assert found.true_positive_rates[1] == pytest.approx(0.01, abs=0.005)
    assert found.pairs == 40_000


def test_it_finds_members_as_well_as_the_best_test_does() -> None:
    inside, margins = normal_margins(400, 100, 2.0)
    (found,) = memberships(answers(inside, inside, margin=margins), 1, [np.ones(100, bool)])
    assert found is not None
    # Two normal distributions two standard deviations apart: Φ(2 / √2), and Φ(2 − z).
    assert found.area_under_curve == pytest.approx(norm.cdf(2 / np.sqrt(2)), abs=0.01)
    assert found.true_positive_rates[1] == pytest.approx(norm.cdf(2 - norm.isf(0.01)), abs=0.04)


def test_rates_are_those_of_the_roc_curve_for_each_kind_of_samples() -> None:
    inside, margins = normal_margins(60, 200, 1.5, seed=3)
    margins[:, :50] += 3 * inside[:, :50]
    easy = np.arange(200) < 50
    of = answers(inside, inside, margin=margins)
    found = memberships(of, 1, [easy, ~easy])
    ratios = likelihood_ratios(of.margin.astype(np.float64), inside)
    for kind, attack in zip((easy, ~easy), found, strict=True):
        assert attack is not None
        scores, members = ratios[:, kind].ravel(), inside[:, kind].ravel()
        assert attack.area_under_curve == pytest.approx(roc_auc_score(members, scores))
        false, true, _ = roc_curve(members, scores, drop_intermediate=False)
        assert attack.true_positive_rates == pytest.approx(
            [true[false <= rate].max() for rate in (0.001, 0.01)]
        )
    assert found[0].area_under_curve > found[1].area_under_curve


def test_of_very_many_pairs_samples_at_equal_distances_are_taken(monkeypatch) -> None:
    inside, margins = normal_margins(50, 100, 1.0)
    monkeypatch.setattr(membership, "_MOST_PAIRS", 1000)
    kinds = [np.ones(100, bool), np.zeros(100, bool)]
    found = memberships(answers(inside, inside, margin=margins), 1, kinds)
    assert found[0].pairs == 50 * 20
    assert found[1] is None
