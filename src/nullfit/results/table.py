"""The table of a study: one row for each setting, over its seeds."""

from collections import defaultdict
from typing import Any

import pandas

from nullfit.config.identity import config_hash
from nullfit.results.order import place
from nullfit.results.settings import differing, flat_settings
from nullfit.results.study import Run, Study

# Told by the columns "model", "data" and "corruption", or the same thing twice.
_TOLD = (
    "seed",
    "task.",
    "model.name",
    "data.name",
    "corruption.",
)
_MEASURES = {
    "train accuracy": ("metrics", "train/accuracy"),
    "test accuracy": ("metrics", "test/accuracy"),
    "clean test accuracy": ("metrics", "test_clean/accuracy"),
    "epochs to fit": ("fit", "epochs_to_fit"),
}


def study_table(study: Study) -> pandas.DataFrame:
    """Means and standard deviations (over seeds, n − 1) of each setting, as numbers.

    Columns: model, data, corruption, every other setting that differs within the study, ``n``,
    ``diverged`` and ``fitted`` (counts of runs), then ``<measure> mean`` and ``<measure> sd``.
    ``epochs to fit`` is over the runs that fitted.
    """
    groups: dict[str, list[Run]] = defaultdict(list)
    for run in study.runs:
        without_seed = {key: value for key, value in run.config.items() if key != "seed"}
        groups[config_hash(without_seed)].append(run)
    # Settings of a model or a schedule differ wherever another one is chosen: that tells nothing.
    keys = differing(flat_settings(runs[0].config) for runs in groups.values())
    keys = [key for key in keys if not key.startswith(_TOLD)]
    rows = [_row(study, runs, keys) for runs in groups.values()]
    table = pandas.DataFrame(rows)
    table["_place"] = [place(runs[0].corruption) for runs in groups.values()]
    table = table.sort_values(["model", "data", "_place"], kind="stable")
    return table.drop(columns="_place").reset_index(drop=True)


def _row(study: Study, runs: list[Run], keys: list[str]) -> dict[str, Any]:
    first = runs[0]
    flat = flat_settings(first.config)
    row: dict[str, Any] = {
        "model": first.model,
        "data": first.result["data"]["name"],
        "corruption": study.corruption_label(first),
        **{key: flat.get(key) for key in keys},
        "n": len(runs),
        "diverged": sum(run.result["status"] == "diverged" for run in runs),
        "fitted": sum(run.result["fit"]["epochs_to_fit"] is not None for run in runs),
    }
    for measure, (section, field) in _MEASURES.items():
        values = pandas.Series([run.result[section].get(field) for run in runs], dtype=float)
        row[f"{measure} mean"] = values.mean()
        row[f"{measure} sd"] = values.std(ddof=1)
    return row


def readable(table: pandas.DataFrame) -> pandas.DataFrame:
    """The same for people: accuracies in per cent as "mean ± sd", constant columns left out."""
    shown = table.drop(columns=[c for c in table if c.endswith((" mean", " sd"))])
    shown = shown.drop(columns=["fitted"])
    if (shown["diverged"] == 0).all():
        shown = shown.drop(columns="diverged")
    if shown["data"].nunique() == 1:
        shown = shown.drop(columns="data")
    touched = not table["clean test accuracy mean"].equals(table["test accuracy mean"])
    for measure in _MEASURES:
        is_accuracy = measure.endswith("accuracy")
        heading = measure.replace(" accuracy", " %")
        if heading == "clean test %" and not touched:
            continue
        shown[heading] = [
            _mean_sd(row[f"{measure} mean"], row[f"{measure} sd"], 100 if is_accuracy else 1)
            + (
                ""
                if is_accuracy or row["fitted"] in (0, row["n"])
                else f" ({row['fitted']} of {row['n']})"
            )
            for _, row in table.iterrows()
        ]
    return shown


def _mean_sd(mean: float, sd: float, scale: int) -> str:
    if pandas.isna(mean):
        return "never" if scale == 1 else "–"
    return f"{scale * mean:.1f}" + ("" if pandas.isna(sd) else f" ± {scale * sd:.1f}")
