"""``task=dashboard``: a study's workspace and report in Weights & Biases."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit.config.schema import RunConfig
from nullfit.config.sections.loggers import WandbLogger
from nullfit.console.messages import name_files, say
from nullfit.errors import UserError
from nullfit.results.study import Study, read_study
from nullfit.results.usable import of_usable
from nullfit.system.files import write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas

    from nullfit.results.task_run import TaskRun


def dashboard(config: RunConfig, folder: Path) -> None:
    """Build, check and write the workspace and the report; save them if W&B is online.

    Raises:
        UserError: the study has no finished training, logger is not wandb, or W&B refuses.
    """
    logger = config.logger
    if not isinstance(logger, WandbLogger):
        raise UserError(
            f"logger={logger.name} has no dashboard: use logger=wandb. "
            "For a report without W&B there is task=report."
        )
    from nullfit.tracking.dashboard import report, workspace

    study = read_study(config.outputs, config.study)
    if not study.runs:
        raise UserError(
            f"study={study.name} has no finished training, which is what a dashboard shows. "
            "Its runs of other tasks stand in W&B all the same; task=report shows them here."
        )
    place = (logger.entity or "", logger.project)

    def build(runs: "Sequence[TaskRun]") -> tuple[dict[str, Any], dict[str, str]]:
        usable = study.only(runs)
        built = {
            "workspace": workspace(usable, *place),
            "report": report(usable, *place, _scores(usable)),
        }
        return built, {name: _specification(item) for name, item in built.items()}

    built, texts = of_usable(study.every_run, build, "the dashboard")
    name_files(_write(folder / f"{name}.json", text) for name, text in texts.items())
    if logger.mode == "online":
        _save(built, logger)
    else:
        say("  logger.mode=online saves both in Weights & Biases; task=sync uploads the runs")


def _scores(study: Study) -> "pandas.DataFrame":
    from nullfit.results.published.scoreboard import scoreboard

    return scoreboard(study)


def _specification(built: Any) -> str:
    """What W&B's server takes; making it validates it."""
    plain = built._to_model().model_dump(by_alias=True, exclude_none=True, mode="json")
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"


def _write(path: Path, text: str) -> Path:
    write_text(path, text)
    return path


def _save(built: dict[str, Any], logger: WandbLogger) -> None:
    from nullfit.tracking.client import client

    try:
        with client() as wandb:
            entity = logger.entity or wandb.Api().default_entity
        for name, item in built.items():
            item.entity = entity
            for block in getattr(item, "blocks", ()):
                for runs in getattr(block, "runsets", ()):
                    runs.entity = entity
            item.save()
            say(f"  {name}: {item.url}")
    except Exception as error:  # of many kinds, from the network up
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UserError(
            f"task=dashboard: Weights & Biases did not take it: {reason}\n"
            "Run `wandb login`, check logger.entity and the network, or use logger.mode=offline."
        ) from error
