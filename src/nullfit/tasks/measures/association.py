"""Which measures go with the generalization gap, over a study and between pairs of its runs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy.stats import kendalltau

_FEWEST = 3  # runs: two are always in order, or in none
_GROUPS = ("model", "data", "corruption", "optimizer", "schedule")


@dataclass(frozen=True)
class Association:
    """Kendall's ``tau`` over ``n`` runs; None where either of the two does not vary."""

    tau: float | None
    n: int


def kendall(measure: Sequence[float | None], gap: Sequence[float]) -> Association:
    """Kendall's τ-b of a measure and the gap, over the runs that have the measure."""
    pairs = [(m, g) for m, g in zip(measure, gap, strict=True) if m is not None]
    if len(pairs) < _FEWEST or any(len(set(side)) == 1 for side in zip(*pairs, strict=True)):
        return Association(None, len(pairs))
    return Association(float(kendalltau(*zip(*pairs, strict=True)).statistic), len(pairs))


def sign_error(
    measure: Sequence[float | None], gap: Sequence[float], pairs: Iterable[tuple[int, int]]
) -> Association:
    """The share of pairs that a measure puts in the other order than the gap; ties count half.

    ½ E[1 − sgn(Δgap) sgn(Δmeasure)]: 0 is always right, ½ is guessing. Source: Dziugaite et al.
    2020 (arXiv 2010.11924), there with pairs weighted by how sure their order is, here each
    counted once. Returned as `Association`, ``n`` being the pairs that have the measure.
    """
    errors = []
    for one, other in pairs:
        a, b = measure[one], measure[other]
        if a is not None and b is not None:
            errors.append(0.5 * (1 - np.sign(a - b) * np.sign(gap[one] - gap[other])))
    return Association(float(np.mean(errors)) if errors else None, len(errors))


def pairs_by_axis(settings: Sequence[Mapping[str, Any]]) -> dict[str, list[tuple[int, int]]]:
    """Pairs of runs that differ in one setting only, by that setting.

    ``settings`` are flat (`results.settings.flat_settings`), the seeds among them: runs of one pair
    have the same. An option of a group and what comes with it, as ``model=mlp_3x512``, is one
    setting where the study has several options of that group.
    """
    grouped = _grouped(settings)
    axes = [
        key for key in dict.fromkeys(k for one in grouped for k in one) if _varies(grouped, key)
    ]
    found: dict[str, list[tuple[int, int]]] = {}
    for axis in axes:
        if axis == "seed" or axis.startswith("seeds."):
            continue
        alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, one in enumerate(grouped):
            alike[tuple(str(one.get(key)) for key in axes if key != axis)].append(number)
        pairs = [
            (a, b)
            for members in alike.values()
            for a, b in combinations(members, 2)
            if str(grouped[a].get(axis)) != str(grouped[b].get(axis))
        ]
        if pairs:
            found[axis] = pairs
    return found


def _grouped(settings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    several = [g for g in _GROUPS if _varies(settings, f"{g}.name")]

    def group_of(key: str) -> str:
        group = key.partition(".")[0]
        return group if group in several else key

    made = []
    for one in settings:
        flat: dict[str, Any] = {}
        for key, value in sorted(one.items()):
            if "_target_" in key:
                continue
            axis = group_of(key)
            flat[axis] = f"{flat[axis]}, {key}={value}" if axis in flat else value
        made.append(flat)
    return made


def _varies(settings: Sequence[Mapping[str, Any]], key: str) -> bool:
    return len({str(one.get(key)) for one in settings}) > 1
