"""Jobs in several processes of one machine, by loky, joblib's pool of processes."""

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait

from joblib.externals.loky import ProcessPoolExecutor

from nullfit.launchers.cores import Share
from nullfit.launchers.job import Ended, Job, Work
from nullfit.launchers.job_specification import JobOutcome
from nullfit.runs.command import Command
from nullfit.system.interruption import Interrupted

_POLL_SECONDS = 1.0
_END_SECONDS = 20.0  # for processes that save a checkpoint before they end


def run_in_processes(jobs: Sequence[Job], work: Work, share: Share, ended: Ended) -> None:
    """Carry out all jobs, as many at once as ``share`` says; ``ended`` hears of each.

    A process that dies (killed, out of memory) takes the pool with it. Then those that were
    running go on one by one, so that it is seen which of them dies again, and the rest as before.
    """
    waiting = deque(jobs)
    while waiting:
        suspects = _pool(waiting, work, share, ended)
        for job in suspects:
            alone = deque([job])
            if _pool(alone, work, Share(1, share.threads), ended):
                ended(job, JobOutcome(0.0, error=_died()))


def _died() -> Exception:
    return RuntimeError(
        "its process ended without a word, twice: killed from outside, or out of memory. "
        "Fewer jobs at once (hydra.launcher.n_jobs) need less of it."
    )


def _pool(waiting: deque[Job], work: Work, share: Share, ended: Ended) -> list[Job]:
    """Work off ``waiting`` in one pool; the jobs that were running when it broke, if it did."""
    pool = ProcessPoolExecutor(
        share.jobs, initializer=_begin, initargs=(os.getpid(),), env=share.environment
    )
    running: dict[Future[JobOutcome], Job] = {}
    try:
        while waiting or running:
            while waiting and len(running) < share.jobs:
                job = waiting.popleft()
                running[pool.submit(_until_stopped, work(job))] = job
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                try:
                    outcome = future.result()
                except BrokenExecutor:
                    return list(running.values())
                ended(running.pop(future), outcome)
                if Command.current.halted:  # nothing can be written any more
                    waiting.clear()
    except BaseException as error:
        if isinstance(error, Interrupted):
            error.asked = bool(running)
        _stop()
        raise
    finally:
        pool.shutdown(wait=True, kill_workers=True)
    return []


def _until_stopped(work: Callable[[], JobOutcome]) -> JobOutcome:
    """In another process: do the work; end the process if it is asked to stop."""
    try:
        return work()
    except Exception:
        raise
    except BaseException:  # a checkpoint is saved by now; the pool would begin another job
        os._exit(128 + signal.SIGTERM)


def _begin(parent: int) -> None:
    """What each process does first."""
    # Ctrl+C in a terminal, and its end, reach every process; only the first one is to act on it.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """Stop when the first process was killed: nobody waits for the job any more."""
    while os.getppid() == parent:
        time.sleep(_POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _stop() -> None:
    """Ask all processes to end, and give them the time to save where they are."""
    for process in multiprocessing.active_children():
        process.terminate()
    end = time.monotonic() + _END_SECONDS
    for process in multiprocessing.active_children():
        process.join(max(end - time.monotonic(), 0.0))
