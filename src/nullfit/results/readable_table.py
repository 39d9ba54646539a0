"""The table of a study for people: means with their spread, in words."""

from collections.abc import Sequence
from typing import Any

import pandas

from nullfit.charts.appearance import network_words
from nullfit.results.formats import percent, short
from nullfit.results.intervals import interval_text, t_interval
from nullfit.results.table import CHANGED, LEFT_OUT, NAMES, by_setting, word
from nullfit.results.task_run import TaskRun


def task_intervals(runs: Sequence[TaskRun]) -> pandas.DataFrame:
    """`task_table` for people: each metric as "mean ± sd [low, high]", its interval over seeds."""
    metrics = list(dict.fromkeys(name for run in runs for name in run.measured))

    def told(members: Sequence[TaskRun]) -> dict[str, str]:
        each = {name: [run.measured.get(name) for run in members] for name in metrics}
        return {
            name: interval_text(t_interval(v for v in values if v is not None), short)
            for name, values in each.items()
        }

    table = by_setting(runs, told)
    return pandas.concat([_named(table), table[metrics]], axis="columns")


def readable(table: pandas.DataFrame) -> pandas.DataFrame:
    """`study_table` for people: accuracies in per cent as "mean ± sd", constant columns left out.

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
        if measure in CHANGED:
            is_accuracy, heading = True, f"{measure} %"
            if not (table[f"{measure} mean"] > 0).any():
                continue
        cell = _accuracy if is_accuracy else _count if measure in LEFT_OUT else _epochs
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
    """`task_table` for people: metrics as "mean ± sd", settings by the last part of their keys."""
    shown = _named(table)
    for metric in _measures(table):
        pairs = zip(table[f"{metric} mean"], table[f"{metric} sd"], strict=True)
        shown[metric] = [_mean_sd(mean, sd) for mean, sd in pairs]
    return shown


def _named(table: pandas.DataFrame) -> pandas.DataFrame:
    """Which settings a row is of, and n; by the last part of their keys."""
    named = list(table.columns[: table.columns.get_loc("n") + 1])
    short = [key.rpartition(".")[2] for key in named]
    shown = table[named].map(word)
    if "model" in shown:
        shown["model"] = shown["model"].map(network_words)
    shown.columns = pandas.Index(
        [s if short.count(s) == 1 else key for s, key in zip(short, named, strict=True)]
    )
    return shown


def _mean_sd(mean: float, sd: float) -> str:
    if pandas.isna(mean):
        return "–"
    return short(mean) + ("" if pandas.isna(sd) else f" ± {sd:.2g}")
