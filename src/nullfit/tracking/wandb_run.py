"""A run in Weights & Biases, begun with its settings."""

import hashlib
from pathlib import Path
from shlex import quote
from typing import Any

from nullfit.config.corruptions import other_tests
from nullfit.config.identity import config_hash, used_groups
from nullfit.config.schema import RunConfig
from nullfit.config.sections.loggers import WandbLogger
from nullfit.tracking.client import client

STEP_LOSS = "train/step_loss"

_PROJECT = "nullfit"  # of conf/logger/wandb.yaml
_FLUSH_SECONDS = 5.0  # by which the record is behind: a kill takes them, an upload waits for them


def start(config: RunConfig, chosen: WandbLogger, folder: Path, run_id: str | None = None) -> Any:
    """Begin the ``wandb.Run``; its files lie in the run's folder, below wandb/."""
    digest = config_hash(config.plain())
    # The same run keeps its id when it is resumed; the same settings in another study do not.
    own = hashlib.sha256(f"{config.study}/{digest}".encode()).hexdigest()[:16]
    here = folder.absolute()
    with client() as wandb:
        run: Any = wandb.init(
            project=chosen.project,
            entity=chosen.entity,
            name=config.job,
            id=run_id or own,
            dir=here,
            group=config.study,
            job_type=config.task.name,
            notes=chosen.notes,
            mode="offline",  # whatever logger.mode: a server that fails must not stop the run
            tags=list(dict.fromkeys((config.task.name, *_used(config)))),
            config={**config.plain(), "config_hash": digest},
            settings=wandb.Settings(
                silent=True,  # its summary would drown ours
                console="off",  # the command line's output belongs to the command, not to one run
                x_transaction_log_flush_interval=_FLUSH_SECONDS,
                x_save_requirements=False,  # takes 0.1 s; result.json has the versions
            ),
        )
    return run


def start_training(
    config: RunConfig, chosen: WandbLogger, folder: Path, run_id: str | None = None
) -> Any:
    """`start`, with the axes of a training's metrics: epochs for most, steps for single losses."""
    run = start(config, chosen, folder, run_id)
    run.define_metric("epoch")
    for metric in (
        *("lr", "seconds", "epoch_seconds"),
        *("train/*", "val/*", "test/*", "test_clean/*", "weights/*"),
        *(f"test_{name}/*" for name in other_tests(config)),
    ):
        run.define_metric(metric, step_metric="epoch")
    run.define_metric("step")
    run.define_metric(STEP_LOSS, step_metric="step")
    return run


def place_words(chosen: WandbLogger) -> list[str]:
    """The words of a command that mean the same entity and project."""
    words = []
    if chosen.project != _PROJECT:
        words.append(f"logger.project={chosen.project}")
    if chosen.entity is not None:
        words.append(f"logger.entity={chosen.entity}")
    return [quote(word) for word in words]


def _used(config: RunConfig) -> list[str]:
    used = used_groups(config.plain())
    groups = [group for group in ("data", "model", "corruption") if group in used]
    return [getattr(config, group).name for group in groups]
