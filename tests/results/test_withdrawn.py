"""Results of earlier versions are read without what does not hold."""

import json
from pathlib import Path
from typing import Any

import pytest

from nullfit.results.result import read_result

HASH = {"status": "completed", "config_hash": "0123"}


def read(folder: Path, **fields: Any) -> dict[str, Any]:
    """What a stored result is read as."""
    (folder / "result.json").write_text(json.dumps({**HASH, **fields}))
    result = read_result(folder)
    assert result is not None
    return result


@pytest.mark.parametrize(("correlation", "bound"), [(0.148, None), (0.999, None), (1.0, 1.25)])
def test_a_bound_from_a_lower_bound_is_none(
    tmp_path: Path, correlation: float, bound: float | None
) -> None:
    metrics = {"train/correlation": correlation, "gap_bound": correlation + 0.25}
    found = read(tmp_path, task="rademacher", metrics=metrics)["metrics"]
    assert found == {"train/correlation": correlation, "gap_bound": bound}


@pytest.mark.parametrize("null", ["labels", "feature", "conditional", "freedman_lane"])
def test_max_t_is_that_of_permuted_labels_only(tmp_path: Path, null: str) -> None:
    advice = "It takes more replicates. Max-T does not have this limit."
    stored = {"null": null, "significant": {"raw": 4, "max_t": 3}, "warnings": ["Mind.", advice]}
    found = read(tmp_path, task="permutation_test", permutation_test=stored)["permutation_test"]
    if null == "labels":
        assert found == stored
    else:
        assert found["significant"] == {"raw": 4}
        assert found["warnings"] == ["Mind.", "It takes more replicates."]


@pytest.mark.parametrize("task", ["rademacher", "permutation_test", "kernel"])
def test_what_is_not_there_is_not_missed(tmp_path: Path, task: str) -> None:
    assert read(tmp_path, task=task) == {**HASH, "task": task}
