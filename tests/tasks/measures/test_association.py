"""Kendall's τ and sign errors by hand."""

import pytest

from nullfit.tasks.measures.association import Association, kendall, pairs_by_axis, sign_error


def settings(**values):
    keys = {"p": "corruption.probability", "model": "model.name", "hidden": "model.hidden",
            "seed": "seed", "lr": "optimizer.lr"}  # fmt: skip
    return {keys[name]: value for name, value in values.items()}


def test_tau_is_concordant_less_discordant_pairs():
    found = kendall([1.0, 2.0, 4.0, 3.0], [1.0, 2.0, 3.0, 4.0])  # one of six pairs is discordant
    assert (found.tau, found.n) == (pytest.approx((5 - 1) / 6), 4)
    assert kendall([1.0, None, 4.0, 3.0], [1.0, 2.0, 3.0, 4.0]).n == 3
    assert kendall([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]) == Association(None, 3)
    assert kendall([1.0, 2.0], [1.0, 2.0]) == Association(None, 2)


def test_a_sign_error_is_the_share_of_pairs_in_the_wrong_order():
    measure, gap = [1.0, 2.0, 3.0, 3.0, None], [0.1, 0.3, 0.2, 0.4, 0.5]
    assert sign_error(measure, gap, [(0, 1)]) == Association(0.0, 1)
    assert sign_error(measure, gap, [(1, 2)]) == Association(1.0, 1)
    assert sign_error(measure, gap, [(2, 3)]) == Association(0.5, 1)
    assert sign_error(measure, gap, [(0, 1), (1, 2), (2, 3), (0, 4)]) == Association(0.5, 3)
    assert sign_error(measure, gap, [(0, 4)]) == Association(None, 0)


def test_pairs_differ_in_one_setting_and_not_in_the_seed():
    runs = [
        settings(p=p, seed=seed, model="mlp", hidden=hidden, lr=0.1)
        for p in (0, 1)
        for hidden in (8, 16)
        for seed in (0, 1)
    ]
    found = pairs_by_axis(runs)
    assert set(found) == {"corruption.probability", "model.hidden"}
    assert all(len(pairs) == 4 for pairs in found.values())
    for axis, pairs in found.items():
        for a, b in pairs:
            assert [key for key in runs[a] if runs[a][key] != runs[b][key]] == [axis]


def test_an_option_and_what_comes_with_it_is_one_setting():
    runs = [
        settings(p=0, model="mlp", hidden=8),
        settings(p=0, model="cnn"),
        settings(p=1, model="cnn"),
        settings(p=1, model="mlp", hidden=16),
    ]
    assert pairs_by_axis(runs) == {
        "corruption.probability": [(1, 2)],
        "model": [(0, 1), (2, 3)],
    }
