"""``task=sync``: upload the offline runs of a study to Weights & Biases."""

from pathlib import Path

from nullfit.config.schema import RunConfig
from nullfit.config.sections.loggers import WandbLogger
from nullfit.config.sections.section import Section
from nullfit.console.messages import say
from nullfit.errors import UserError
from nullfit.ranges import Positive


class SyncSettings(Section):
    """How long an upload may take."""

    limit: Positive


def sync(config: RunConfig, folder: Path, *, sync: SyncSettings) -> None:
    """Upload every run of a study that was recorded offline, in order, each of its rows once.

    What a run that was killed measured and W&B had not recorded yet is taken from metrics.csv.

    Raises:
        UserError: the logger is not wandb, the study has no offline run, or W&B has no key, cannot
            be reached, takes too long or refuses a run.
    """
    from nullfit.tracking.upload import recorded, upload, waiting

    study = Path(config.outputs) / config.study
    known, runs = recorded(study), waiting(study)
    logger = config.logger
    if not known:
        disabled = isinstance(logger, WandbLogger) and logger.mode == "disabled"
        why = " WANDB_MODE or logger.mode is disabled now: nothing is recorded." if disabled else ""
        raise UserError(
            f"study={config.study} has no offline run of Weights & Biases in {study}.\n"
            "One is made while a run trains, by default, and not afterwards: to have it, train in "
            f"another study.{why}"
        )
    if not isinstance(logger, WandbLogger):
        raise UserError(f"logger={logger.name} uploads nothing: use logger=wandb.")
    if not runs:
        say(f"study {config.study}: all {len(known)} runs were uploaded before")
        return
    for number, (run, outcome) in enumerate(
        upload(runs, (logger.entity, logger.project), sync.limit), start=1
    ):
        say(f"[{number}/{len(runs)}] {run.name}: {outcome}")
