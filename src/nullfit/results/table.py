"""The table of a study in numbers: one row for each setting, over its seeds."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas

from nullfit.config.identity import used_groups
from nullfit.results.grouping import R, corruption_label, groups_of
from nullfit.results.settings import differing_by, flat_settings
from nullfit.results.study import Run
from nullfit.results.task_run import TaskRun, other_tests_of
from nullfit.results.thresholds import threshold_of

NAMES = ("model", "data", "corruption")
CHANGED = {"changed labels": ("corruption", "labels_changed")}
LEFT_OUT = {"left out": ("data", "left_out")}
_ACCURACIES = {
    "train accuracy": ("metrics", "train/accuracy"),
    "test accuracy": ("metrics", "test/accuracy"),
    "clean test accuracy": ("metrics", "test_clean/accuracy"),
}
_EPOCHS = {"epochs to fit": ("fit", "epochs_to_fit")}


def study_table(runs: Sequence[Run]) -> pandas.DataFrame:
    """Means and standard deviations (over seeds, n − 1) of trainings, as numbers.

    Columns: model, data, corruption, whatever else tells rows with the same three apart, ``n``,
    ``diverged`` and ``fitted`` (counts of runs), ``fit threshold`` (the training accuracies that
    counted as fitted), then ``<measure> mean`` and ``<measure> sd`` over the runs that did not
    diverge, ``epochs to fit`` over those that fitted, ``changed labels`` the share that differ from
    the true ones, ``left out`` the number of training samples, where some were. Each further test
    set is a measure (``random_pixels test accuracy``).
    """
    others = other_tests_of(dict.fromkeys(m for run in runs for m in run.result["metrics"]))
    further = {f"{name} test accuracy": ("metrics", f"test_{name}/accuracy") for name in others}
    some = LEFT_OUT if any(run.result["data"].get("left_out") for run in runs) else {}
    measures = {**CHANGED, **some, **_ACCURACIES, **further, **_EPOCHS}
    return by_setting(runs, partial(_of_trainings, measures=measures))


def task_table(runs: Sequence[TaskRun]) -> pandas.DataFrame:
    """Means and standard deviations (over seeds, n − 1) of what another task measured, as numbers.

    Columns: model, data and corruption as far as the task uses them, whatever else tells settings
    with the same names apart, ``n``, then ``<metric> mean`` and ``<metric> sd``. A run without
    settings of its own stands alone, under its folder's name as ``job``.
    """
    metrics = list(dict.fromkeys(name for run in runs for name in run.measured))

    def measured(members: Sequence[TaskRun]) -> dict[str, Any]:
        return _moments({name: [run.measured.get(name) for run in members] for name in metrics})

    return by_setting(runs, measured)


def by_setting(
    runs: Sequence[R], measured: Callable[[list[R]], dict[str, Any]]
) -> pandas.DataFrame:
    """A row for each setting: its names, what else tells it apart, n, what was ``measured``."""
    groups = [group.runs for group in groups_of(runs)]
    names = [_names(members[0]) for members in groups]
    flats = [_flat(members[0]) for members in groups]
    by_name = differing_by([tuple(name.values()) for name in names], flats)
    keys = list(dict.fromkeys(key for found in by_name.values() for key in found))
    rows = [
        {**name, **{key: flat.get(key) for key in keys}, "n": len(members), **measured(members)}
        for name, flat, members in zip(names, flats, groups, strict=True)
    ]
    table = pandas.DataFrame(rows)
    for key in keys:  # null stays null beside numbers
        table[key] = pandas.Series([flat.get(key) for flat in flats], dtype=object)
    corruptions = table.get("corruption", pandas.Series(dtype=object))
    table["_place"] = pandas.factorize(corruptions)[0] if len(corruptions) else 0
    columns = [column for column in ("job", *NAMES, *keys) if column in table]
    order = [column for column in ("job", "model", "data", "_place", *keys) if column in table]
    table = table.sort_values(order, kind="stable", key=_sortable).reset_index(drop=True)
    return table[[*columns, *table.columns.difference([*columns, "_place"], sort=False)]]


def _names(run: TaskRun) -> dict[str, Any]:
    if not run.config:
        return {"job": run.folder.name}
    used = [group for group in NAMES if group in used_groups(run.config)]
    named = {group: run.config[group]["name"] for group in used}
    if "model" in named and "model" in run.result:
        named["model"] = run.network
    return {**named, "corruption": corruption_label(run)} if "corruption" in used else named


def _flat(run: TaskRun) -> dict[str, Any]:
    """Its settings but for the seed, the names of the groups, and groups that are not used."""
    if not run.config:
        return {}
    used = used_groups(run.config)
    hidden = tuple(f"{group}." for group in NAMES if group not in used)
    return {
        key: value
        for key, value in flat_settings(run.config).items()
        if key != "seed"
        and not key.startswith(("task.", *hidden))
        and key not in [f"{group}.name" for group in NAMES]
    }


def _of_trainings(runs: list[Run], measures: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    finite = [run for run in runs if not run.diverged]
    each = {
        measure: [run.result[section].get(field) for run in finite]
        for measure, (section, field) in measures.items()
    }
    return {
        "diverged": len(runs) - len(finite),
        "fitted": sum(run.result["fit"]["epochs_to_fit"] is not None for run in finite),
        "fit threshold": _thresholds(runs),
        **_moments(each),
    }


def _moments(each: dict[str, list[Any]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, values in each.items():
        series = pandas.Series(values, dtype=float)
        found |= {f"{name} mean": series.mean(), f"{name} sd": series.std(ddof=1)}
    return found


def _thresholds(runs: list[Run]) -> str:
    found = {threshold for run in runs if (threshold := threshold_of(run)) is not None}
    return ", ".join(f"{threshold:g}" for threshold in sorted(found))


def _sortable(column: pandas.Series) -> pandas.Series:
    """Numbers by their size; what is mixed by its text, null first."""
    numbers = pandas.to_numeric(column, errors="coerce")
    return numbers if numbers.notna().all() else column.map(word)


def word(value: Any) -> str:
    """A value of a setting, in few characters."""
    if value is None or (isinstance(value, float) and pandas.isna(value)):
        return "null"
    return f"{value:g}" if isinstance(value, float) else str(value)
