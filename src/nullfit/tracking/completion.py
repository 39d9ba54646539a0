"""A record of what a training measured and none of its records has, as after a kill."""

from collections.abc import Sequence
from pathlib import Path

import torch

from nullfit.config.schema import RunConfig
from nullfit.config.sections.loggers import WandbLogger
from nullfit.results.metrics_file import Row, read_metrics
from nullfit.results.result import read_arrays, read_result
from nullfit.results.study import read_config
from nullfit.tracking.recording import record_result
from nullfit.tracking.records import lacking, records_of, settle
from nullfit.tracking.wandb_files import files_in
from nullfit.tracking.wandb_run import start_training


def complete(
    folder: Path, records: Sequence[Path], run_id: str, place: tuple[str | None, str]
) -> None:
    """Add a record with the rows of metrics.csv that a training's ``records`` lack, if any.

    ``place`` is the entity and project of it, whatever config.yaml says.

    Raises:
        ValueError: config.yaml is none of this version, or cannot be read.
    """
    plain = read_config(folder)
    logger = plain["logger"]
    if plain["task"]["name"] != "train" or logger.get("mode") not in ("offline", "online"):
        return
    if rows := lacking(records, read_metrics(folder)):
        plain["logger"] = {**logger, "entity": place[0], "project": place[1]}
        config = RunConfig.model_validate(plain)
        with files_in(folder / "wandb"):
            _record(config, folder, rows, run_id)
        settle(records_of(folder)[-1])


def _record(config: RunConfig, folder: Path, rows: Sequence[Row], run_id: str) -> None:
    assert isinstance(config.logger, WandbLogger)
    result = read_result(folder)
    run = start_training(config, config.logger, folder, run_id)
    for row in rows:
        run.log({**row, "trainer/global_step": row["step"]})  # as Lightning's writer does
    if result is not None:
        confusion = torch.as_tensor(read_arrays(folder)["confusion_matrix"])
        record_result(run, result, confusion)
    run.finish(exit_code=1 if result is None else 0)
