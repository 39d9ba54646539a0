"""What earlier versions wrote into results and what does not hold: left out when one is read.

The files stay as they are, and their runs finished: what they computed is right, only what was
concluded from it is not. ``CHANGELOG.md`` tells of each.
"""

from collections.abc import Callable, Mapping
from typing import Any

Fields = Mapping[str, Any]


def without_withdrawn(result: Fields) -> dict[str, Any]:
    """A result as it was read, without what does not hold."""
    withdraw = _WITHDRAWN.get(str(result["task"]), dict)
    return withdraw(result)


def _unproved_bound(result: Fields) -> dict[str, Any]:
    """A correlation below 1 bounds the complexity from below, and so no gap from above."""
    metrics = _section(result, "metrics")
    if metrics.get("gap_bound") is None or metrics.get("train/correlation") == 1:
        return dict(result)
    return {**result, "metrics": {**metrics, "gap_bound": None}}


def _max_t_by_feature(result: Fields) -> dict[str, Any]:
    """Max-T holds only where one replicate serves all features."""
    test = _section(result, "permutation_test")
    significant = _section(test, "significant")
    if test.get("null") == "labels" or "max_t" not in significant:
        return dict(result)
    kept = {name: count for name, count in significant.items() if name != "max_t"}
    advice = " Max-T does not have this limit."
    warnings = [str(warning).removesuffix(advice) for warning in test.get("warnings", [])]
    return {**result, "permutation_test": {**test, "significant": kept, "warnings": warnings}}


def _section(fields: Fields, name: str) -> Fields:
    found = fields.get(name)
    return found if isinstance(found, Mapping) else {}


_WITHDRAWN: dict[str, Callable[[Fields], dict[str, Any]]] = {
    "rademacher": _unproved_bound,
    "permutation_test": _max_t_by_feature,
}
