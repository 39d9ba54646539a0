"""``task=permutation_calibration``: level and power of the permutation tests."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit.config.schema import RunConfig
from nullfit.console.messages import name_files, say
from nullfit.errors import UserError
from nullfit.results.result import Result
from nullfit.runs.outcome import begin, complete, finished
from nullfit.tasks.permutation.calibration.cell import CalibrationSettings, Cell, cells_of

if TYPE_CHECKING:
    import pandas

    from nullfit.runs.preflight.look import Look

_CELLS = "checkpoints"


def permutation_calibration(
    config: RunConfig, folder: Path, *, permutation_calibration: CalibrationSettings
) -> Result:
    """Count rejections at 0.05 on data sets of known truth, for each statistic and null.

    Writes rates.csv (a row for each cell, test and input), verdicts.csv (a row for each test),
    rates.md, a figure of each kind of test, and all p-values to arrays.npz. Cells that were
    finished are not computed again.

    Raises:
        UserError: no regime is left, or a GPU or another precision is asked for.
    """
    settings = permutation_calibration
    cells = _cells(config, settings)
    if (before := finished(config, folder)) is not None:
        return before
    say(
        f"{config.job}: {len(cells)} cells of {settings.data_sets} data sets, about "
        f"{settings.data_sets * sum(cell.trainings for cell in cells):,} trainings"
    )
    begin(config, folder)
    start = time.perf_counter()
    p = _p_values(config, folder, settings, cells)
    return _written(config, folder, settings, p, time.perf_counter() - start)


def refuse_beforehand(
    config: RunConfig, look: "Look", *, permutation_calibration: CalibrationSettings
) -> None:
    """What `permutation_calibration` refuses.

    Raises:
        UserError: as `permutation_calibration`.
    """
    _cells(config, permutation_calibration)


def _cells(config: RunConfig, settings: CalibrationSettings) -> list[Cell]:
    cells = cells_of(settings)
    if config.trainer.accelerator == "gpu":
        raise UserError(
            "trainer.accelerator=gpu is impossible for task=permutation_calibration: its networks "
            "are too small for one. Use trainer=cpu and trainer.threads."
        )
    if config.trainer.precision != "32-true":
        raise UserError(
            f"trainer.precision={config.trainer.precision} has no effect on "
            "task=permutation_calibration: its networks are trained in 32-true. Leave it out."
        )
    return cells


def _p_values(
    config: RunConfig, folder: Path, settings: CalibrationSettings, cells: list[Cell]
) -> dict[Cell, Any]:
    from nullfit.console.progress import Progress
    from nullfit.tasks.permutation.calibration.calibrate import FinishedCells, calibrate

    total = settings.data_sets * sum(cell.cost for cell in cells)
    with Progress(config.job, float(total), shown=config.trainer.progress) as progress:
        return calibrate(
            cells,
            settings.data_sets,
            config.seed,
            _workers(config),
            FinishedCells(folder / _CELLS, settings.data_sets, config.seed),
            progress.advance,
        )


def _workers(config: RunConfig) -> int:
    return config.trainer.threads or os.cpu_count() or 1


def _written(
    config: RunConfig,
    folder: Path,
    settings: CalibrationSettings,
    p: dict[Cell, Any],
    seconds: float,
) -> Result:
    from nullfit.charts.printed import save
    from nullfit.tasks.permutation.calibration.figures import calibration
    from nullfit.tasks.permutation.calibration.rates import rates_table, verdicts
    from nullfit.tasks.permutation.calibration.results_files import write_tables

    rates = rates_table(p)
    found = verdicts(rates)
    name_files(write_tables(folder, rates, found))
    for kind, own in rates.groupby("kind", sort=False):
        name_files(save(calibration(own), folder / str(kind)))
    _say_verdicts(found)
    section = {
        "data_sets": settings.data_sets,
        "cells": len(p),
        "trainings": settings.data_sets * sum(cell.trainings for cell in p),
        "tests": found.to_dict(orient="records"),
    }
    fields = {
        "metrics": _metrics(found),
        "permutation_calibration": section,
        "wall_seconds": round(seconds, 3),
        "threads": _workers(config),
    }
    return complete(config, folder, fields, {cell.name: values for cell, values in p.items()})


def _metrics(found: "pandas.DataFrame") -> dict[str, float]:
    metrics = {}
    for test in found.to_dict(orient="records"):
        name = f"{test['statistic']}/{test['null']}".replace(" ", "_")
        if test["adjustment"]:
            adjusted = test["adjustment"].replace(" ", "_")
            metrics[f"{name}/{adjusted}/worst_familywise_error"] = test["worst_rate"]
            continue
        metrics[f"{name}/worst_type_1_error"] = test["worst_rate"]
        metrics[f"{name}/mean_power"] = test["power"]
    return metrics


def _say_verdicts(found: "pandas.DataFrame") -> None:
    from nullfit.tasks.permutation.calibration.rates import test_name

    for test in found.itertuples():
        kept = "keeps its level" if test.keeps_level else "BROKEN"
        error = "family-wise" if test.adjustment else "type-I"
        power = "" if test.adjustment else f", mean power {test.power:.2f}"
        say(
            f"  {test.kind}: {test_name(test)}: {kept} (worst {error} error "
            f"{test.worst_rate:.3f}: {test.worst_in}){power}"
        )
