"""A job of the command: claimed, carried out, and its failure kept."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from nullfit.config.components import target_of, typed_settings
from nullfit.config.identity import looks_at_a_study
from nullfit.config.schema import RunConfig
from nullfit.console.messages import say
from nullfit.errors import memory_error
from nullfit.results.failure import forget_failure, note_failure, remove_if_empty
from nullfit.runs.command import Command
from nullfit.system.claim import claimed
from nullfit.system.first_process import is_first
from nullfit.system.interruption import interruptible


def run_job(config: DictConfig) -> Any:
    """Carry out one composed configuration and return its result.

    In the command's own process an error is kept for the end, so that the other jobs of a grid
    still run; elsewhere it is raised to the launcher.
    """
    command = Command.current
    run = command.validated(HydraConfig.get().overrides.task, config)
    folder = Path(run.outputs) / run.study / run.job
    reads = looks_at_a_study(run.task.name)  # then there is no run that failed
    writes = is_first(run.trainer) and not reads
    if command.halted:
        remove_if_empty(folder)
        return None
    if command.multirun:
        say(f"[{command.done + 1}/{command.jobs}] {run.job}")
    try:
        with interruptible(), _claimed(run, folder):
            task = target_of(run, "task")
            result = task(run, folder, **typed_settings(task, run.task_settings))
            forget_failure(folder)
        remove_if_empty(folder)
    except Exception as error:
        shown = memory_error(error)
        if reads:
            remove_if_empty(folder)
        if not command.jobs:
            if writes:
                note_failure(folder, shown, of_grid=command.multirun)
            if shown is error:
                raise
            raise shown from error
        command.failed(run.job, folder, shown, writes=writes)
        result = None
    command.job_ended()
    return result


def _claimed(run: RunConfig, folder: Path) -> AbstractContextManager[None]:
    """A job is run by one process at a time; those that belong to its first one need not ask."""
    if looks_at_a_study(run.task.name) or not is_first(run.trainer):
        return nullcontext()
    return claimed(folder, run.job)
