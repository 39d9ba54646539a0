"""What another process needs to carry out a job, and what comes back."""

import pickle
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, JobStatus, run_job, setup_globals
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, open_dict

from nullfit.errors import UserError
from nullfit.results.formats import percent
from nullfit.runs.command import Command
from nullfit.system.files import no_link
from nullfit.system.import_order import import_matplotlib_elsewhere

if TYPE_CHECKING:  # Hydra imports every launcher at every start
    from nullfit.config.schema import RunConfig

OUTPUT = "output.log"  # in the job's folder: what it would have said on the terminal


@dataclass(frozen=True)
class JobSpecification:
    """All that another process needs to carry out one job as Hydra would."""

    overrides: Sequence[str]
    number: int
    folder: Path
    config: DictConfig
    context: HydraContext
    run: "RunConfig"  # as it was checked: what the process composes may come to something else
    singletons: Mapping[Any, Any]

    @classmethod
    def here(
        cls,
        overrides: Sequence[str],
        number: int,
        folder: Path,
        config: DictConfig,
        context: HydraContext,
        run: "RunConfig",
    ) -> "JobSpecification":
        """One with the state that Hydra has in this process."""
        return cls(list(overrides), number, folder, config, context, run, Singleton.get_state())


@dataclass(frozen=True)
class JobOutcome:
    """How a job ended: with an error, or with a summary in a few words."""

    seconds: float
    summary: str = ""
    error: Exception | None = None


def carry_out(specification: JobSpecification) -> JobOutcome:
    """Run the job in this process; what it says goes to ``output.log`` in its folder."""
    from nullfit.runs.job import run_job as carry_out_job  # noqa: PLC0415

    began = time.monotonic()
    import_matplotlib_elsewhere()
    Singleton.set_state(dict(specification.singletons))
    setup_globals()
    Command.current = Command(runs={tuple(specification.overrides): specification.run})
    with _output_in(specification.folder / OUTPUT):
        returned = run_by_hydra(
            specification.context,
            carry_out_job,
            specification.config,
            specification.overrides,
            specification.number,
        )
    seconds = time.monotonic() - began
    if returned.status is JobStatus.FAILED:
        return JobOutcome(seconds, error=portable(returned._return_value))
    return JobOutcome(seconds, _summary(returned.return_value))


def run_by_hydra(
    context: HydraContext,
    task_function: TaskFunction,
    config: DictConfig,
    overrides: Sequence[str],
    number: int,
) -> JobReturn:
    """Run one job of a grid in this process as Hydra's own launcher does."""
    composed = context.config_loader.load_sweep_config(config, list(overrides))
    with open_dict(composed):
        composed.hydra.job.id = composed.hydra.job.num = number
    return run_job(
        hydra_context=context,
        task_function=task_function,
        config=composed,
        job_dir_key="hydra.sweep.dir",
        job_subdir_key="hydra.sweep.subdir",
    )


@contextmanager
def _output_in(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        open(path, "a", encoding="utf-8", buffering=1, opener=no_link) as log,
        redirect_stdout(log),
        redirect_stderr(log),
    ):
        yield


def _summary(result: Any) -> str:
    metrics = result.get("metrics") if isinstance(result, Mapping) else None
    if not isinstance(metrics, Mapping):
        return "done"
    shown = {name: metrics.get(f"{name}/accuracy") for name in ("train", "test")}
    return ", ".join(f"{n} {percent(v)}%" for n, v in shown.items() if v is not None) or "done"


def portable(error: Exception) -> Exception:
    """The same error in a form that every process can read, with its traceback as a note."""
    if isinstance(error, UserError):
        return type(error)(str(error))
    try:
        copy: Exception = pickle.loads(pickle.dumps(error))  # our own bytes, a line above
        assert type(copy) is type(error)
    except Exception:  # whatever such a class may raise
        copy = RuntimeError(f"{type(error).__name__}: {error}")
    copy.add_note("".join(traceback.format_exception(error)))
    return copy
