"""From the p-values of a calibration to rejection rates with exact intervals."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas
from jaxtyping import Float64
from numpy import ndarray

from nullfit.tasks.permutation.calibration.cell import Cell
from nullfit.tasks.permutation.calibration.methods import Method, methods
from nullfit.tasks.permutation.calibration.situations import SITUATIONS

LEVEL = 0.05
CONFIDENCE = 0.95
# No one calls a finding of a family significant above it. Benjamini and Hochberg's adjustment of
# statistics that sum to 1 goes wrong from about 0.5 on.
_HIGHEST_OF_FAMILIES = 0.2
TEST = ["kind", "statistic", "null", "adjustment"]  # the columns that tell tests apart


@dataclass(frozen=True)
class Rate:
    """How often p ≤ 0.05, with the exact interval of Clopper and Pearson (1934).

    ``ks_p`` is the p-value of the one-sided Kolmogorov–Smirnov test that p-values are not smaller
    than uniform ones. They take the values 1/(B+1), 2/(B+1), …, at which uniform ones would be
    reached just as often; that makes the test conservative.
    """

    rate: float
    low: float
    high: float
    ks_p: float


def rejection_rate(p: Float64[ndarray, " n"], highest: float = 1.0) -> Rate:
    """The rate of one test in one cell; its p-values are held against uniform ones up to a level.

    Looked at up to the ``highest`` level only, the distance is at most that over all levels, so
    that its p-value is conservative.
    """
    from scipy.stats import binomtest, ksone

    count = int((p <= LEVEL).sum())
    interval = binomtest(count, len(p)).proportion_ci(CONFIDENCE, method="exact")
    levels = np.sort(p)
    above = np.arange(1, len(p) + 1) / len(p) - levels
    distance = max(float(above[levels <= highest].max(initial=0.0)), 0.0)
    ks = float(ksone.sf(distance, len(p)))
    return Rate(count / len(p), float(interval.low), float(interval.high), ks)


def rates_table(p: dict[Cell, Float64[ndarray, "sets tests inputs"]]) -> pandas.DataFrame:
    """A row for each cell, test and tested input; of a family one row for any of its inputs.

    ``truth`` says what there is to find: rows of ``no effect`` have type-I errors, those of
    ``effect`` power. ``holds`` is for the former whether the interval contains 0.05 or lies below.
    """
    rows = []
    for cell, found in p.items():
        for number, method in enumerate(methods(cell)):
            for place in range(found.shape[2]):
                highest = _HIGHEST_OF_FAMILIES if method.adjustment else 1.0
                rate = rejection_rate(found[:, number, place], highest)
                rows.append(_row(cell, method, place, rate, len(found)))
    places = {name: place for place, name in enumerate(SITUATIONS)}
    table = pandas.DataFrame(rows)
    return table.sort_values("situation", key=lambda s: s.map(places), kind="stable")


def _row(cell: Cell, method: Method, place: int, rate: Rate, data_sets: int) -> dict[str, object]:
    situation = SITUATIONS[cell.situation]
    family = bool(method.adjustment)
    acts = situation.nonlinear if method.nonlinearity else situation.active
    return {
        "situation": cell.situation,
        "samples": cell.samples,
        "regime": cell.regime,
        "weight_decay": cell.weight_decay,
        "kind": method.kind,
        "statistic": method.statistic,
        "null": method.null,
        "adjustment": method.adjustment,
        "input": "any" if family else f"x{cell.tested[place] + 1}",
        "truth": "effect" if acts[place] else "no effect",
        "rate": rate.rate,
        "low": rate.low,
        "high": rate.high,
        "ks_p": rate.ks_p,
        "holds": None if acts[place] else rate.low <= LEVEL,
        "data_sets": data_sets,
        "replicates": cell.settings.replicates,
    }


def test_name(row: Any) -> str:
    """What a row of rates or verdicts is about: statistic, null, and how it is adjusted."""
    adjusted = f", {row.adjustment}" if row.adjustment else ""
    return f"{row.statistic} × {row.null}{adjusted}"


def verdicts(table: pandas.DataFrame) -> pandas.DataFrame:
    """A row for each test: its worst type-I error, and whether it keeps its level everywhere.

    Among tens of cells some intervals miss 0.05 by chance. ``keeps_level`` therefore asks for no
    type-I error above 0.05 and no p-values smaller than uniform ones after Holm's adjustment over
    all null rows of the test (exact binomial and Kolmogorov–Smirnov); ``every_interval`` is the
    plain count. ``power`` is the mean over effect rows.
    """
    rows = []
    table = table[[not SITUATIONS[name].beyond for name in table.situation]]
    for (kind, statistic, null, adjustment), own in table.groupby(TEST, sort=False):
        under_null, effect = own[own.truth == "no effect"], own[own.truth == "effect"]
        worst = under_null.loc[under_null.rate.idxmax()]
        rows.append(
            {
                "kind": kind,
                "statistic": statistic,
                "null": null,
                "adjustment": adjustment,
                "null_rows": len(under_null),
                "intervals_above": int((~under_null.holds.astype(bool)).sum()),
                "worst_rate": worst.rate,
                "worst_in": f"{worst.situation} n={worst.samples} {worst.regime}",
                "smallest_adjusted_p": _smallest_adjusted(under_null),
                "keeps_level": _smallest_adjusted(under_null) > LEVEL,
                "power": float(effect.rate.mean()) if len(effect) else float("nan"),
            }
        )
    return pandas.DataFrame(rows)


def _smallest_adjusted(under_null: pandas.DataFrame) -> float:
    from scipy.stats import binom
    from statsmodels.stats.multitest import multipletests

    counts = (under_null.rate * under_null.data_sets).round().to_numpy()
    too_often = binom.sf(counts - 1, under_null.data_sets.to_numpy(), LEVEL)
    both = np.concatenate([too_often, under_null.ks_p.to_numpy()])
    return float(multipletests(both, method="holm")[1].min())
