"""The table of trainings, one row for each run."""

from collections.abc import Sequence

import pandas

from nullfit.charts.appearance import network_words
from nullfit.results.formats import percent
from nullfit.results.settings import Setting
from nullfit.results.task_run import other_tests_of


def runs_table(settings: Sequence[Setting]) -> pandas.DataFrame:
    """All runs, setting by setting, as numbers; accuracies are fractions."""
    return pandas.DataFrame(
        [
            {
                "job": run.folder.name,
                "network": setting.network,
                "data": run.result["data"]["name"],
                "corruption": setting.label,
                "seed": run.result["seed"],
                "status": run.result["status"],
                **run.result["metrics"],
                "epochs": run.result["epochs"],
                "fit threshold": run.result["fit"].get("threshold"),
                "epochs to fit": run.result["fit"]["epochs_to_fit"],
                "steps to fit": run.result["fit"]["steps_to_fit"],
                "seconds": run.result["wall_seconds"],
                "device": run.result.get("device"),
            }
            for setting in settings
            for run in setting.runs
        ]
    )


def readable_runs(table: pandas.DataFrame) -> pandas.DataFrame:
    """What of it people look for: one data set is not named, accuracies are in per cent."""
    shown = table[["network", "data", "corruption", "seed", "status"]].copy()
    shown["network"] = shown["network"].map(network_words)
    if shown["data"].nunique() == 1:
        shown = shown.drop(columns="data")
    others = {f"{name} test": f"test_{name}" for name in other_tests_of(map(str, table))}
    for heading, part in {"train": "train", "test": "test", **others}.items():
        if (name := f"{part}/accuracy") in table:
            shown[f"{heading} %"] = ["–" if pandas.isna(v) else percent(v) for v in table[name]]
    shown["epochs"] = table["epochs"]
    fitted = table["epochs to fit"]
    shown["epochs to fit"] = ["never" if pandas.isna(v) else f"{v:g}" for v in fitted]
    shown["seconds"] = [f"{seconds:.1f}" for seconds in table["seconds"]]
    return shown.astype(str)
