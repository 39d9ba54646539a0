import numpy as np
import pandas
import pytest
from scipy.stats import beta, kstest

from nullfit.tasks.permutation.calibration.rates import rejection_rate, verdicts


def test_the_interval_is_that_of_clopper_and_pearson() -> None:
    p = np.array([0.025] * 7 + [0.5] * 93)
    found = rejection_rate(p)
    assert found.rate == 0.07
    assert found.low == pytest.approx(beta.ppf(0.025, 7, 94))
    assert found.high == pytest.approx(beta.ppf(0.975, 8, 93))


def test_small_p_values_are_seen_and_large_ones_are_fine() -> None:
    grid = np.arange(1, 41) / 40
    assert rejection_rate(np.tile(grid, 5)).ks_p > 0.5
    assert rejection_rate(np.ones(200)).ks_p > 0.5
    assert rejection_rate(np.tile(grid**2, 5)).ks_p < 1e-6


def test_the_distance_is_that_of_kolmogorov_and_smirnov_up_to_a_level() -> None:
    p = np.random.default_rng(0).uniform(size=80) ** 1.2
    assert rejection_rate(p).ks_p == pytest.approx(
        kstest(p, "uniform", alternative="greater").pvalue
    )
    right_below = np.where(p < 0.2, (np.arange(80) + 1) / 80 * 0.2, 0.3)
    assert rejection_rate(right_below).ks_p < 1e-6
    assert rejection_rate(right_below, 0.2).ks_p > 0.05


def row(rate: float, truth: str, situation: str = "linear", ks_p: float = 0.5) -> dict[str, object]:
    interval = rejection_rate(np.where(np.arange(200) < 200 * rate, 0.025, 0.5))
    return {
        "situation": situation,
        "samples": 100,
        "regime": "moderate",
        "kind": "relevance",
        "statistic": "share",
        "null": "feature",
        "adjustment": "",
        "truth": truth,
        "rate": rate,
        "low": interval.low,
        "ks_p": ks_p,
        "holds": None if truth == "effect" else interval.low <= 0.05,
        "data_sets": 200,
    }


@pytest.mark.parametrize(
    ("rows", "keeps", "above"),
    [
        ([row(0.05, "no effect"), row(0.9, "effect")], True, 0),
        (
            [row(0.05, "no effect")] * 30 + [row(0.09, "no effect")],
            True,
            1,
        ),  # by chance
        ([row(0.05, "no effect")] * 30 + [row(0.3, "no effect")], False, 1),
        ([row(0.05, "no effect", ks_p=1e-6)], False, 0),
        (
            [row(0.05, "no effect"), row(0.9, "no effect", "product")],
            True,
            0,
        ),  # beyond
    ],
)
def test_verdicts(rows: list[dict[str, object]], keeps: bool, above: int) -> None:
    (found,) = verdicts(pandas.DataFrame(rows)).to_dict(orient="records")
    assert found["keeps_level"] == keeps
    assert found["intervals_above"] == above
    assert found["worst_rate"] == max(
        r["rate"] for r in rows if r["truth"] == "no effect" and r["situation"] != "product"
    )
