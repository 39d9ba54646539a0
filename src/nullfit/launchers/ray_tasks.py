"""Jobs as tasks of Ray, which starts those of a lost node again elsewhere."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import chdir
from dataclasses import dataclass
from typing import Any

from nullfit.console.messages import say
from nullfit.errors import UserError
from nullfit.launchers.cores import usable_cores
from nullfit.launchers.job import Ended, Job, Work
from nullfit.launchers.job_specification import JobOutcome
from nullfit.system.interruption import Interrupted, held, listen_again

_CONNECT_SECONDS = 5.0
_POLL_SECONDS = 1.0
_END_SECONDS = 20.0  # for jobs that save a checkpoint before they end


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
        UserError: there is no Ray at the address, or a job asks for more than this machine has.
    """
    import ray  # noqa: PLC0415

    connect(ray, settings)
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
            for over in _over(ray, running, 1):
                ended(running.pop(over), _outcome(ray, over))
    except BaseException as error:
        if isinstance(error, Interrupted):
            error.asked = bool(running)
        for over in running:
            ray.cancel(over)  # SIGINT, upon which a checkpoint is saved
        _count_finished(ray, running, ended)
        raise
    finally:
        ray.shutdown()


def _count_finished(ray: Any, running: dict[Any, Job], ended: Ended) -> None:
    """Wait for jobs that were cancelled; some may have come to their end all the same."""
    end = time.monotonic() + _END_SECONDS
    over: list[Any] = []
    while len(over) < len(running) and time.monotonic() < end:
        over = _over(ray, running, len(running))
    for one in over:
        outcome = _outcome(ray, one)
        if outcome.error is None:
            ended(running[one], outcome)


def _over(ray: Any, running: dict[Any, Job], enough: int) -> list[Any]:
    """Those that are over, soon; Ray would swallow the error of a signal that comes meanwhile."""
    with held():
        over: list[Any] = ray.wait(list(running), num_returns=enough, timeout=_POLL_SECONDS)[0]
    return over


def connect(ray: Any, settings: RaySettings) -> None:
    """Join the Ray at the address, or start one on this machine.

    Raises:
        UserError: there is none, or a job asks for more cores than this machine has.
    """
    # Left alone, Ray would join whatever was started on this machine before.
    address = settings.address or os.environ.get("RAY_ADDRESS") or "local"
    local = {"num_cpus": _cores_for(settings), "include_dashboard": False}
    own = local if address == "local" else {}
    # A closed terminal is for this process alone; what Ray starts inherits that it is blocked.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        _see(address)  # Ray itself would try for minutes
        with chdir(os.sep):  # of which Ray would have its workers import modules
            ray.init(address=address, log_to_driver=False, logging_level="error", **own)
    except OSError as error:
        raise UserError(
            f"hydra.launcher.address={address}: no Ray answers there.\n"
            "Start it with `ray start --head` and give its address, or null for this machine alone."
        ) from error
    except SystemExit as stopped:  # Ray's own way with SIGTERM
        raise Interrupted(signal.SIGTERM) from stopped
    finally:
        listen_again()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})


def _cores_for(settings: RaySettings) -> int:
    """The cores that this process may use; Ray would take those of the machine.

    Raises:
        UserError: a job asks for more, which Ray would wait for without an end.
    """
    cores = usable_cores()
    if settings.cpus > cores:
        raise UserError(
            f"hydra.launcher.cpus={settings.cpus} is impossible here: {cores} cores may be used.\n"
            "Ask for fewer, or give the address of a cluster that has them: hydra.launcher.address."
        )
    return cores


def _see(address: str) -> None:
    """See that something answers at host:port.

    Raises:
        OSError: nothing does.
    """
    host, _, port = address.rpartition(":")
    if port.isdigit() and "/" not in host:
        socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS).close()


def _in_folder(folder: str, work: Callable[[], JobOutcome]) -> JobOutcome:
    """Where the command was started: outputs are relative to it, but no module comes from it."""
    os.chdir(folder)
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != folder]
    # With it Ray cancels a job. It was ignored if Ray was started by a script in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return work()


def _outcome(ray: Any, over: Any) -> JobOutcome:
    try:
        outcome: JobOutcome = ray.get(over)
    except ray.exceptions.RayError as error:
        return JobOutcome(0.0, error=RuntimeError(f"Ray could not carry it out: {error}"))
    return outcome
