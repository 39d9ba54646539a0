"""Where metrics go besides metrics.csv."""

import hashlib
import importlib.util
from pathlib import Path

from nullfit.config.schema import RunConfig, TensorBoardLogger, WandbLogger
from nullfit.ecosystem import pytorch_lightning as pl
from nullfit.errors import UserError


def make_loggers(config: RunConfig, folder: Path, config_hash: str) -> list[pl.loggers.Logger]:
    """The chosen logger, or none for ``logger=csv``.

    Raises:
        UserError: its package is not installed.
    """
    chosen = config.logger
    if isinstance(chosen, WandbLogger):
        return [_wandb(config, chosen, folder, config_hash)]
    if isinstance(chosen, TensorBoardLogger):
        if importlib.util.find_spec("tensorboard") is None:
            raise UserError(
                "logger=tensorboard needs a package: pip install 'nullfit[tensorboard]'."
            )
        from pytorch_lightning.loggers import TensorBoardLogger as Writer  # noqa: PLC0415

        return [Writer(save_dir=folder, name=None, version="tensorboard")]
    return []


def _wandb(
    config: RunConfig, chosen: WandbLogger, folder: Path, config_hash: str
) -> pl.loggers.Logger:
    import wandb  # noqa: PLC0415
    from pytorch_lightning.loggers import WandbLogger as Writer  # noqa: PLC0415

    # The same run keeps its id when it is resumed; the same settings in another study do not.
    run_id = hashlib.sha256(f"{config.study}/{config_hash}".encode()).hexdigest()[:16]
    run = wandb.init(
        project=chosen.project,
        entity=chosen.entity,
        name=config.job,
        id=run_id,
        dir=folder,
        group=config.study,
        job_type=config.task.name,
        mode=chosen.mode,
        tags=[config.task.name, config.data.name, config.model.name, config.corruption.name],
        config=config.plain(),
        resume="allow" if chosen.mode == "online" else None,
        settings=wandb.Settings(silent=True),  # its summary would drown ours
    )
    run.define_metric("epoch")
    for section in ("train", "val", "test", "test_clean"):
        run.define_metric(f"{section}/*", step_metric="epoch")
    return Writer(experiment=run)


def finish_loggers(loggers: list[pl.loggers.Logger], failed: bool = False) -> None:
    """End W&B's run, so that the next one in this process gets its own."""
    if any(type(logger).__name__ == "WandbLogger" for logger in loggers):
        import wandb  # noqa: PLC0415

        wandb.finish(exit_code=int(failed))
