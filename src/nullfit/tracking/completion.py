"""A record of what a run measured and none of its records has, since its process was killed."""

from collections.abc import Sequence
from pathlib import Path

import torch
from omegaconf import OmegaConf

from nullfit.config.schema import RunConfig, WandbLogger
from nullfit.results.result import read_arrays, read_result
from nullfit.tracking.records import lacking, records_of, settle
from nullfit.tracking.wandb_run import files_in, record_result, start_training
from nullfit.training.metrics_file import Row, read_metrics


def complete(folder: Path, records: Sequence[Path], run_id: str) -> None:
    """Add a record with the rows of metrics.csv that a training's ``records`` lack, if any."""
    plain = OmegaConf.to_container(OmegaConf.load(folder / "config.yaml"))
    config = RunConfig.model_validate(plain)
    chosen = config.logger
    if config.task.name != "train" or not isinstance(chosen, WandbLogger):
        return
    rows = lacking(records, read_metrics(folder))
    if not rows:
        return
    result = read_result(folder)
    with files_in(folder / "wandb"):
        run = start_training(config, chosen, folder, run_id)
        for row in rows:
            run.log(as_logged(row))
        if result is not None:
            confusion = torch.as_tensor(read_arrays(folder)["confusion_matrix"])
            record_result(run, result, confusion)
        run.finish(exit_code=1 if result is None else 0)
    settle(records_of(folder)[-1])


def as_logged(row: Row) -> Row:
    """A row as Lightning's writer passes it on."""
    return {**row, "trainer/global_step": row["step"]}
