"""What the measures of some runs come to: fields of result.json, the table, lines for people."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas

from nullfit.results.formats import csv_text, percent, short
from nullfit.results.settings import Setting, flat_settings, flatten
from nullfit.results.study import Run
from nullfit.tasks.measures.association import Association, kendall, pairs_by_axis, sign_error
from nullfit.tasks.measures.measured import Measured
from nullfit.tasks.measures.names import MEASURES

_TOLD = ("undefined", "folder")  # fields of an entry that are no columns
_ARRAYS = ("margins", "normalized_margins")
_QUANTILES = np.linspace(0, 1, 201)


def entry(setting: Setting, run: Run, found: Measured) -> dict[str, Any]:
    """A run, what it was trained on and reached, and its measures.

    ``gap`` is the training accuracy, on the labels trained on, less the test accuracy.
    """
    metrics = run.result["metrics"]
    train, test = metrics.get("train/accuracy"), metrics.get("test/accuracy")
    return {
        "job": run.folder.name,
        "folder": str(run.folder),
        "network": setting.network,
        "data": setting.data,
        "corruption": setting.corruption,
        "label": setting.label,
        "level": setting.level,
        "labels_changed": run.result["corruption"].get("labels_changed"),
        "seed": run.result["seed"],
        "train_accuracy": train,
        "test_accuracy": test,
        "gap": None if train is None or test is None else train - test,
        **found.fields,
        "undefined": found.undefined,
    }


def study_fields(entries: Sequence[dict[str, Any]], runs: Sequence[Run]) -> dict[str, Any]:
    """How the measures go with the gap: Kendall's τ, and sign errors by setting.

    Measures that promise a smaller gap (margins, noise) count with the other sign, so that τ = 1
    and a sign error of 0 are what is promised of each.
    """
    told = [at for at, one in enumerate(entries) if one["gap"] is not None]
    gaps = [entries[at]["gap"] for at in told]
    columns = {
        measure.field: [_oriented(entries[at][measure.field], measure.sign) for at in told]
        for measure in MEASURES
    }
    pairs = pairs_by_axis([_settings(runs[at]) for at in told])
    return {
        "kendall": {name: _plain("tau", kendall(of, gaps)) for name, of in columns.items()},
        "sign_error": {
            axis: {
                name: _plain("sign_error", sign_error(of, gaps, found))
                for name, of in columns.items()
            }
            for axis, found in pairs.items()
        },
    }


def _oriented(value: float | int | None, sign: int) -> float | None:
    return None if value is None else float(sign * value)


def _plain(name: str, of: Association) -> dict[str, Any]:
    return {name: of.tau, "n": of.n}


def _settings(run: Run) -> dict[str, Any]:
    return flat_settings(run.config) | flatten({"seeds": run.config.get("seeds") or {}})


def arrays(found: Sequence[Measured], *, single: bool) -> dict[str, np.ndarray]:
    """Of a single run the margins of all samples; of a study 201 quantiles of those of each run."""
    if single:
        whole = {name: getattr(found[0], name) for name in _ARRAYS}
        return {name: values for name, values in whole.items() if len(values)}
    return {
        f"{name}_quantiles": np.array([_quantiles(getattr(of, name)) for of in found])
        for name in _ARRAYS
    }


def _quantiles(values: np.ndarray) -> np.ndarray:
    """NaN where there are no values."""
    if not len(values):
        return np.full(len(_QUANTILES), np.nan)
    quantiles: np.ndarray = np.quantile(values, _QUANTILES)
    return quantiles


def table(entries: Sequence[Mapping[str, Any]]) -> str:
    """A row for each run, as CSV."""
    rows = [{k: v for k, v in one.items() if k not in _TOLD} for one in entries]
    return csv_text(pandas.DataFrame(rows))


def lines(entries: Sequence[Mapping[str, Any]], told: Mapping[str, Any]) -> list[str]:
    """What a command says at its end: measures of a single run, or what goes with the gap."""
    if "kendall" not in told:
        return _single(entries[0])
    ranked = [
        (of["tau"], measure.label)
        for measure in MEASURES
        if (of := told["kendall"][measure.field])["tau"] is not None
    ]
    if not ranked:
        return ["  what goes with the gap is told of three runs at least whose gaps differ"]
    ranked.sort(reverse=True)
    width = max(len(label) for _, label in ranked)
    return [
        f"  Kendall's τ with the generalization gap over {len(entries)} runs, +1 as promised:",
        *(f"    {label:{width}} {tau:+.2f}" for tau, label in ranked),
    ]


def _single(one: Mapping[str, Any]) -> list[str]:
    shown = [(m.label, one[m.field], one["undefined"].get(m.field)) for m in MEASURES]
    width = max(len(label) for label, _, _ in shown)
    gap = [] if one["gap"] is None else [f"  generalization gap {percent(one['gap'])} points"]
    return gap + [
        f"    {label:{width}} {f'not defined: {reason}' if value is None else short(float(value))}"
        for label, value, reason in shown
    ]
