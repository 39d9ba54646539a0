"""The table of a task other than training: one row for each setting, over its seeds."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pandas

from nullfit.config.identity import used_groups
from nullfit.results.formats import short
from nullfit.results.grouping import corruption_label, groups_of
from nullfit.results.settings import differing, flat_settings
from nullfit.results.task_run import TaskRun

_GROUPS = ("model", "data", "corruption")


def task_table(runs: Sequence[TaskRun]) -> pandas.DataFrame:
    """Means and standard deviations (over seeds, n − 1) of the metrics of each setting, as numbers.

    Columns: model, data and corruption as far as the task uses them, whatever else tells settings
    with the same names apart, ``n``, then ``<metric> mean`` and ``<metric> sd``. A run without
    settings of its own stands alone, under its folder's name as ``job``.
    """
    groups = [group.runs for group in groups_of(runs)]
    firsts = [members[0] for members in groups]
    names = [_names(run) for run in firsts]
    flats = [_flat(run) for run in firsts]
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for name, flat in zip(names, flats, strict=True):
        alike[tuple(name.values())].append(flat)
    keys = list(dict.fromkeys(key for members in alike.values() for key in differing(members)))
    metrics = list(dict.fromkeys(name for run in runs for name in run.result.get("metrics", {})))
    rows = [
        {
            **name,
            **{key: flat.get(key) for key in keys},
            "n": len(members),
            **_measured(members, metrics),
        }
        for name, flat, members in zip(names, flats, groups, strict=True)
    ]
    table = pandas.DataFrame(rows)
    order = [column for column in ("job", *_GROUPS, *keys) if column in table]
    table = table[[*order, *table.columns.difference(order, sort=False)]]
    return table.sort_values(order, kind="stable", key=_sortable).reset_index(drop=True)


def readable_task_table(table: pandas.DataFrame) -> pandas.DataFrame:
    """The same for people: metrics as "mean ± sd", settings by the last part of their keys."""
    measured = [column.removesuffix(" mean") for column in table if str(column).endswith(" mean")]
    named = list(table.columns[: table.columns.get_loc("n") + 1])
    short = [key.rpartition(".")[2] for key in named]
    shown = table[named].map(_word)
    shown.columns = pandas.Index(
        [s if short.count(s) == 1 else key for s, key in zip(short, named, strict=True)]
    )
    for metric in measured:
        pairs = zip(table[f"{metric} mean"], table[f"{metric} sd"], strict=True)
        shown[metric] = [_mean_sd(mean, sd) for mean, sd in pairs]
    return shown


def _names(run: TaskRun) -> dict[str, Any]:
    if not run.config:
        return {"job": run.folder.name}
    used = [group for group in _GROUPS if group in used_groups(run.config)]
    named = {group: run.config[group]["name"] for group in used}
    return {**named, "corruption": corruption_label(run)} if "corruption" in used else named


def _flat(run: TaskRun) -> dict[str, Any]:
    """Its settings but for the seed, the names of the groups, and groups that are not used."""
    if not run.config:
        return {}
    used = used_groups(run.config)
    hidden = tuple(f"{group}." for group in _GROUPS if group not in used)
    return {
        key: value
        for key, value in flat_settings(run.config).items()
        if key != "seed"
        and not key.startswith(("task.", *hidden))
        and key not in [f"{group}.name" for group in _GROUPS]
    }


def _measured(runs: Sequence[TaskRun], metrics: Sequence[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for metric in metrics:
        each = [run.result.get("metrics", {}).get(metric) for run in runs]
        values = pandas.Series(each, dtype=float)
        found |= {f"{metric} mean": values.mean(), f"{metric} sd": values.std(ddof=1)}
    return found


def _sortable(column: pandas.Series) -> pandas.Series:
    """Numbers by their size; what is mixed by its text, null first."""
    numbers = pandas.to_numeric(column, errors="coerce")
    return numbers if numbers.notna().all() else column.map(_word)


def _word(value: Any) -> str:
    if value is None or (isinstance(value, float) and pandas.isna(value)):
        return "null"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _mean_sd(mean: float, sd: float) -> str:
    if pandas.isna(mean):
        return "–"
    return short(mean) + ("" if pandas.isna(sd) else f" ± {sd:.2g}")
