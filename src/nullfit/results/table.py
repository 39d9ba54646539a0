"""The table of a study: one row for each setting, over its seeds."""

from collections import defaultdict
from typing import Any

import pandas

from nullfit.results.formats import percent
from nullfit.results.grouping import Group, groups_of
from nullfit.results.settings import differing, flat_settings
from nullfit.results.study import Run, Study
from nullfit.results.thresholds import threshold_of

NAMES = ("model", "data", "corruption")
_MEASURES = {
    "train accuracy": ("metrics", "train/accuracy"),
    "test accuracy": ("metrics", "test/accuracy"),
    "clean test accuracy": ("metrics", "test_clean/accuracy"),
    "epochs to fit": ("fit", "epochs_to_fit"),
}


def study_table(study: Study) -> pandas.DataFrame:
    """Means and standard deviations (over seeds, n − 1) of each setting, as numbers.

    Columns: model, data, corruption, whatever else tells rows with the same three apart, ``n``,
    ``diverged`` and ``fitted`` (counts of runs), ``fit threshold`` (the training accuracies that
    counted as fitted), then ``<measure> mean`` and ``<measure> sd`` over the runs that did not
    diverge, ``epochs to fit`` over those that fitted.
    """
    groups = groups_of(study.runs)
    rows = [_row(group) for group in groups]
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    flats = [flat_settings(group.runs[0].config) for group in groups]
    for row, flat in zip(rows, flats, strict=True):
        alike[tuple(row[name] for name in NAMES)].append(flat)
    keys = list(dict.fromkeys(key for members in alike.values() for key in differing(members)))
    table = pandas.DataFrame(rows)
    for place_of_key, key in enumerate(keys, start=len(NAMES)):
        values = [flat.get(key) for flat in flats]
        table.insert(place_of_key, key, pandas.Series(values, dtype=object))
    # stable: the order of corruptions stays
    return table.sort_values(["model", "data"], kind="stable").reset_index(drop=True)


def _row(group: Group[Run]) -> dict[str, Any]:
    runs = group.runs
    first, finite = runs[0], [run for run in runs if not run.diverged]
    row: dict[str, Any] = {
        "model": first.model,
        "data": first.result["data"]["name"],
        "corruption": group.label,
        "n": len(runs),
        "diverged": len(runs) - len(finite),
        "fitted": sum(run.result["fit"]["epochs_to_fit"] is not None for run in finite),
        "fit threshold": _thresholds(runs),
    }
    for measure, (section, field) in _MEASURES.items():
        values = pandas.Series([run.result[section].get(field) for run in finite], dtype=float)
        row[f"{measure} mean"] = values.mean()
        row[f"{measure} sd"] = values.std(ddof=1)
    return row


def _thresholds(runs: list[Run]) -> str:
    found = {threshold for run in runs if (threshold := threshold_of(run)) is not None}
    return ", ".join(f"{threshold:g}" for threshold in sorted(found))


def _told_apart(table: pandas.DataFrame) -> list[str]:
    """For each row the settings that tell it from others with the same names."""
    keys = list(table.columns[len(NAMES) : table.columns.get_loc("n")])
    told = [""] * len(table)
    for _, alike in table.groupby(list(NAMES), sort=False):
        own = [key for key in keys if alike[key].map(str).nunique() > 1]
        for row in alike.index:
            values = {key: table.loc[row, key] for key in own}
            told[row] = ", ".join(f"{key}={_shown(value)}" for key, value in values.items())
    return told


def _shown(value: Any) -> str:
    return "null" if value is None else str(value)


def readable(table: pandas.DataFrame) -> pandas.DataFrame:
    """The same for people: accuracies in per cent as "mean ± sd", constant columns left out.

    What tells rows with the same names apart stands in one column, ``settings``.
    """
    shown = table[list(NAMES)].copy()
    told = _told_apart(table)
    if any(told):
        shown["settings"] = told
    shown["n"] = table["n"]
    if (table["diverged"] > 0).any():
        shown["diverged"] = table["diverged"]
    if table["fit threshold"].nunique() > 1:
        shown["fit threshold"] = table["fit threshold"]
    if shown["data"].nunique() == 1:
        shown = shown.drop(columns="data")
    touched = not table["clean test accuracy mean"].equals(table["test accuracy mean"])
    for measure in _MEASURES:
        is_accuracy = measure.endswith("accuracy")
        heading = measure.replace(" accuracy", " %")
        if heading == "clean test %" and not touched:
            continue
        cell = _accuracy if is_accuracy else _epochs
        shown[heading] = [
            cell(row, row[f"{measure} mean"], row[f"{measure} sd"]) for _, row in table.iterrows()
        ]
    return shown


def _accuracy(row: pandas.Series, mean: float, sd: float) -> str:
    if pandas.isna(mean):
        return "–"
    points = 100 * sd
    return percent(mean) + ("" if pandas.isna(sd) else f" ± {points:.1f}")


def _epochs(row: pandas.Series, mean: float, sd: float) -> str:
    """With how many of the runs fitted, where not all did."""
    if not row["fitted"]:
        return "–" if row["diverged"] == row["n"] else "never"
    some = "" if row["fitted"] == row["n"] else f" ({row['fitted']} of {row['n']})"
    return f"{mean:.1f}" + ("" if pandas.isna(sd) else f" ± {sd:.1f}") + some
