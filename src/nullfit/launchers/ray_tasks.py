"""Jobs as tasks of Ray, which starts those of a lost node again elsewhere."""

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nullfit.console import say
from nullfit.errors import UserError
from nullfit.launchers.errand import Outcome
from nullfit.launchers.job import Job

_SEE_SECONDS = 5.0
_PATIENCE_SECONDS = 20.0  # for jobs that save a checkpoint before they end

Work = Callable[[Job], Callable[[], Outcome]]  # what another process is to call for a job
Ended = Callable[[Job, Outcome], None]


@dataclass(frozen=True)
class RaySettings:
    """Where Ray runs and what each job gets; ``memory`` in GB."""

    address: str | None
    cpus: int
    gpus: float
    memory: float | None
    retries: int


def run_on_ray(jobs: Sequence[Job], work: Work, settings: RaySettings, ended: Ended) -> None:
    """Carry out all jobs, as many at once as there is room for; ``ended`` hears of each.

    Raises:
        UserError: there is no Ray at the address.
    """
    import ray  # noqa: PLC0415

    _connect(ray, settings.address)
    memory = {} if settings.memory is None else {"memory": round(settings.memory * 2**30)}
    task = ray.remote(_in_folder).options(
        num_cpus=settings.cpus,  # of which Ray makes OMP_NUM_THREADS
        num_gpus=settings.gpus,
        max_retries=settings.retries,
        **memory,
    )
    running: dict[Any, Job] = {task.remote(os.getcwd(), work(job)): job for job in jobs}
    say(f"{len(jobs)} jobs given to Ray")
    try:
        while running:
            for over in ray.wait(list(running), num_returns=1)[0]:
                ended(running.pop(over), _outcome(ray, over))
    except BaseException:
        for over in running:
            ray.cancel(over)  # SIGINT, upon which a checkpoint is saved
        ray.wait(list(running), num_returns=len(running), timeout=_PATIENCE_SECONDS)
        raise
    finally:
        ray.shutdown()


def _connect(ray: Any, address: str | None) -> None:
    try:
        _see(address)  # Ray itself would try for minutes
        ray.init(address=address, log_to_driver=False, logging_level="error")
    except OSError as error:
        raise UserError(
            f"hydra.launcher.address={address}: no Ray answers there.\n"
            "Start it with `ray start --head` and give its address, or null for this machine alone."
        ) from error


def _see(address: str | None) -> None:
    """See that something answers at host:port.

    Raises:
        OSError: nothing does.
    """
    host, _, port = (address or "").rpartition(":")
    if port.isdigit() and "/" not in host:
        socket.create_connection((host, int(port)), timeout=_SEE_SECONDS).close()


def _in_folder(folder: str, work: Callable[[], Outcome]) -> Outcome:
    """Where the command was started: outputs are relative to it."""
    os.chdir(folder)
    return work()


def _outcome(ray: Any, over: Any) -> Outcome:
    try:
        outcome: Outcome = ray.get(over)
    except ray.exceptions.RayError as error:
        return Outcome(0.0, error=RuntimeError(f"Ray could not carry it out: {error}"))
    return outcome
