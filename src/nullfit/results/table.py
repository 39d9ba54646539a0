"""The table of a study: one row for each setting, over its seeds."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas

from nullfit.charts.appearance import network_words
from nullfit.config.identity import used_groups
from nullfit.results.formats import percent, short
from nullfit.results.grouping import R, corruption_label, groups_of
from nullfit.results.intervals import interval_text, t_interval
from nullfit.results.settings import differing_by, flat_settings
from nullfit.results.study import Run
from nullfit.results.task_run import TaskRun, other_tests_of
from nullfit.results.thresholds import threshold_of

NAMES = ("model", "data", "corruption")
_CHANGED = {"changed labels": ("corruption", "labels_changed")}
_LEFT_OUT = {"left out": ("data", "left_out")}
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
    some = _LEFT_OUT if any(run.result["data"].get("left_out") for run in runs) else {}
    measures = {**_CHANGED, **some, **_ACCURACIES, **further, **_EPOCHS}
    return _table(runs, partial(_of_trainings, measures=measures))


def task_table(runs: Sequence[TaskRun]) -> pandas.DataFrame:
    """Means and standard deviations (over seeds, n − 1) of what another task measured, as numbers.

    Columns: model, data and corruption as far as the task uses them, whatever else tells settings
    with the same names apart, ``n``, then ``<metric> mean`` and ``<metric> sd``. A run without
    settings of its own stands alone, under its folder's name as ``job``.
    """
    metrics = list(dict.fromkeys(name for run in runs for name in run.measured))

    def measured(members: Sequence[TaskRun]) -> dict[str, Any]:
        return _moments({name: [run.measured.get(name) for run in members] for name in metrics})

    return _table(runs, measured)


def task_intervals(runs: Sequence[TaskRun]) -> pandas.DataFrame:
    """The same for people, each metric with its interval over seeds: "mean ± sd [low, high]"."""
    metrics = list(dict.fromkeys(name for run in runs for name in run.measured))

    def told(members: Sequence[TaskRun]) -> dict[str, str]:
        each = {name: [run.measured.get(name) for run in members] for name in metrics}
        return {
            name: interval_text(t_interval(v for v in values if v is not None), short)
            for name, values in each.items()
        }

    table = _table(runs, told)
    return pandas.concat([_named(table), table[metrics]], axis="columns")


def _table(runs: Sequence[R], measured: Callable[[list[R]], dict[str, Any]]) -> pandas.DataFrame:
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


def readable(table: pandas.DataFrame) -> pandas.DataFrame:
    """The same for people: accuracies in per cent as "mean ± sd", constant columns left out.

    What tells rows with the same names apart stands in one column, ``settings``.
    """
    shown = table[list(NAMES)].assign(model=table["model"].map(network_words))
    notes = _distinguishing(table)
    if any(notes):
        shown["settings"] = notes
    shown["n"] = table["n"]
    if (table["diverged"] > 0).any():
        shown["diverged"] = table["diverged"]
    if table["fit threshold"].nunique() > 1:
        shown["fit threshold"] = table["fit threshold"]
    if shown["data"].nunique() == 1:
        shown = shown.drop(columns="data")
    touched = not table["clean test accuracy mean"].equals(table["test accuracy mean"])
    for measure in _measures(table):
        is_accuracy = measure.endswith("accuracy")
        heading = measure.replace(" accuracy", " %")
        if heading == "clean test %" and not touched:
            continue
        if measure in _CHANGED:
            is_accuracy, heading = True, f"{measure} %"
            if not (table[f"{measure} mean"] > 0).any():
                continue
        cell = _accuracy if is_accuracy else _count if measure in _LEFT_OUT else _epochs
        shown[heading] = [
            cell(row, row[f"{measure} mean"], row[f"{measure} sd"]) for _, row in table.iterrows()
        ]
    return shown


def _measures(table: pandas.DataFrame) -> list[str]:
    """What the table has means of."""
    return [column.removesuffix(" mean") for column in table if str(column).endswith(" mean")]


def _distinguishing(table: pandas.DataFrame) -> list[str]:
    """For each row the settings that tell it from others with the same names."""
    keys = list(table.columns[len(NAMES) : table.columns.get_loc("n")])
    notes = [""] * len(table)
    for _, alike in table.groupby(list(NAMES), sort=False):
        own = [key for key in keys if alike[key].map(str).nunique() > 1]
        for row in alike.index:
            values = {key: table.loc[row, key] for key in own}
            notes[row] = ", ".join(f"{key}={_shown(value)}" for key, value in values.items())
    return notes


def _shown(value: Any) -> str:
    return "null" if value is None else str(value)


def _accuracy(row: pandas.Series, mean: float, sd: float) -> str:
    if pandas.isna(mean):
        return "–"
    points = 100 * sd
    return percent(mean) + ("" if pandas.isna(sd) else f" ± {points:.1f}")


def _count(row: pandas.Series, mean: float, sd: float) -> str:
    return "–" if pandas.isna(mean) else short(mean) + (f" ± {sd:.1f}" if sd > 0 else "")


def _epochs(row: pandas.Series, mean: float, sd: float) -> str:
    """With how many of the runs fitted, where not all did."""
    if not row["fitted"]:
        return "–" if row["diverged"] == row["n"] else "never"
    some = "" if row["fitted"] == row["n"] else f" ({row['fitted']} of {row['n']})"
    return f"{mean:.1f}" + ("" if pandas.isna(sd) else f" ± {sd:.1f}") + some


def readable_task_table(table: pandas.DataFrame) -> pandas.DataFrame:
    """The same for people: metrics as "mean ± sd", settings by the last part of their keys."""
    shown = _named(table)
    for metric in _measures(table):
        pairs = zip(table[f"{metric} mean"], table[f"{metric} sd"], strict=True)
        shown[metric] = [_mean_sd(mean, sd) for mean, sd in pairs]
    return shown


def _named(table: pandas.DataFrame) -> pandas.DataFrame:
    """Which settings a row is of, and n; by the last part of their keys."""
    named = list(table.columns[: table.columns.get_loc("n") + 1])
    short = [key.rpartition(".")[2] for key in named]
    shown = table[named].map(_word)
    if "model" in shown:
        shown["model"] = shown["model"].map(network_words)
    shown.columns = pandas.Index(
        [s if short.count(s) == 1 else key for s, key in zip(short, named, strict=True)]
    )
    return shown


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
