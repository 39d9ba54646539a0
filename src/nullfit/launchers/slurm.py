"""Jobs on a cluster that is managed by Slurm, by submitit: an array with a task for each job."""

import os
import pickle
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from nullfit.console.messages import say
from nullfit.errors import UserError
from nullfit.launchers.cores import Share
from nullfit.launchers.job import Job
from nullfit.launchers.job_specification import JobOutcome
from nullfit.launchers.slurm_queue import Queued, QueueMonitor, queue
from nullfit.results.result import read_result
from nullfit.system.files import new_folder
from nullfit.system.interruption import Interrupted

Work = Callable[[Job], Callable[[], JobOutcome]]  # what the cluster is to call for a job
Ended = Callable[[Job, JobOutcome], None]


@dataclass(frozen=True)
class Resources:
    """What each job gets, and how the cluster is asked for it; minutes, GB, seconds."""

    partition: str | None
    account: str | None
    qos: str | None
    constraint: str | None
    minutes: int
    cpus: int
    gpus: int
    memory: float | None
    at_once: int
    warning: int
    setup: Sequence[str]
    options: Mapping[str, Any]

    def parameters(self, name: str) -> dict[str, Any]:
        """The same in the words of submitit; what is null is left to the cluster."""
        threads = Share(1, self.cpus).environment
        chosen = {
            "job_name": name,
            "partition": self.partition,
            "account": self.account,
            "qos": self.qos,
            "constraint": self.constraint,
            "time": self.minutes,
            "cpus_per_task": self.cpus,
            "gpus_per_node": self.gpus or None,
            "mem": None if self.memory is None else f"{round(1024 * self.memory)}M",
            "array_parallelism": self.at_once,
            "signal_delay_s": self.warning,
            "stderr_to_stdout": True,
            "setup": [*(f"export {key}={value}" for key, value in threads.items()), *self.setup],
            "srun_args": [f"--cpus-per-task={self.cpus}"],  # srun no longer takes it from sbatch
            "additional_parameters": {"requeue": True, **self.options},
        }
        return {key: value for key, value in chosen.items() if value is not None}


@dataclass(frozen=True)
class Task:
    """What runs on a node. It puts itself back into the queue when its time runs out.

    Slurm itself does so where a node is lost or a job is preempted (``--requeue``). The job then
    goes on from its checkpoint.
    """

    work: Callable[[], JobOutcome]
    requeues: int  # at most

    def __call__(self) -> JobOutcome:
        """Carry out the job."""
        out_of_time = False

        def warned(number: int, frame: FrameType | None) -> None:
            nonlocal out_of_time
            out_of_time = True
            os.kill(os.getpid(), signal.SIGTERM)  # upon which a checkpoint is saved

        def ended(number: int, frame: FrameType | None) -> None:
            sys.exit(128 + number)

        signal.signal(signal.SIGUSR2, warned)  # Slurm sends it ahead of the time limit
        signal.signal(signal.SIGTERM, ended)  # submitit would ignore it
        try:
            return self.work()
        except BaseException:
            if out_of_time and int(os.environ.get("SLURM_RESTART_COUNT", "0")) < self.requeues:
                _requeue()
            raise


def _requeue() -> None:
    subprocess.run(["scontrol", "requeue", os.environ["SLURM_JOB_ID"]], check=True)
    time.sleep(60)  # Slurm ends the process; its leaving by itself would end the job


def run_on_cluster(
    jobs: Sequence[Job],
    work: Work,
    resources: Resources,
    study: Path,
    ended: Ended,
    requeues: int,
    poll_seconds: float,
) -> None:
    """Submit all jobs as one array and wait for them; ``ended`` hears of each.

    ``study`` is the folder of the study. Submitit's files lie in a new folder below its .slurm:
    they are pickles, which a reader runs, and nobody can have put one there before.

    Raises:
        UserError: the cluster takes no jobs.
        StorageError: the folder cannot be made.
    """
    folder = new_folder(study / ".slurm")
    tasks = [Task(work(job), requeues) for job in jobs]
    submitted = _submit(tasks, resources, study.name, folder)
    running = dict(zip((task.job_id for task in submitted), jobs, strict=True))
    results = {task.job_id: Path(task.paths.result_pickle) for task in submitted}
    array = next(iter(running)).partition("_")[0]
    say(f"{len(jobs)} jobs submitted to Slurm as {array}")
    monitor = QueueMonitor()
    queued = None
    try:
        while running:
            queued = queue()  # before the results: a job leaves the queue after it wrote its own
            for number in [n for n in running if results[n].exists() or _left(n, queued)]:
                job = running.pop(number)
                ended(job, _outcome(results[number], job, number))
            monitor.update(running, queued)
            if running:
                time.sleep(poll_seconds)
    except BaseException as error:
        if isinstance(error, Interrupted):
            error.asked = _any_runs(running, queued)  # by SIGTERM, ahead of the end
        subprocess.run(["scancel", array], check=False)
        raise


def _submit(tasks: Sequence[Task], resources: Resources, name: str, folder: Path) -> list[Any]:
    import submitit  # noqa: PLC0415

    try:
        executor = submitit.SlurmExecutor(folder / "%j")
        executor.update_parameters(**resources.parameters(re.sub(r"[^\w.=+-]", "_", name)))
        # One task is no array for submitit, and has no number in it.
        return list(executor.map_array(Task.__call__, tasks))
    except (RuntimeError, OSError, ValueError, submitit.core.utils.FailedJobError) as error:
        reason = [line for line in str(error).splitlines() if "rror" in line] or [str(error)]
        raise UserError(
            f"hydra/launcher=slurm: the cluster takes no jobs: {reason[-1].strip()}\n"
            "Start the command where sbatch and srun work, and check hydra.launcher.partition, "
            "account, minutes, cpus, gpus and memory."
        ) from error


def _left(number: str, queued: Mapping[str, Queued] | None) -> bool:
    return queued is not None and number not in queued


def _any_runs(jobs: Mapping[str, Job], queued: Mapping[str, Queued] | None) -> bool:
    return any(queued[job].state == "RUNNING" for job in jobs if job in queued) if queued else False


def _outcome(result: Path, job: Job, number: str) -> JobOutcome:
    for _ in range(10):  # on a network file system others see a file a little later
        if result.exists():
            kind, content = pickle.loads(result.read_bytes())
            error = RuntimeError(f"Slurm's job {number} failed:\n{content}")
            return content if kind == "success" else JobOutcome(0.0, error=error)
        if read_result(job.folder) is not None:
            return JobOutcome(0.0, "done")
        time.sleep(0.5)
    log = result.with_name(result.name.replace("_result.pkl", "_log.out"))
    return JobOutcome(
        0.0,
        error=RuntimeError(
            f"Slurm's job {number} ended without a result: cancelled, out of memory, or out of "
            f"time too often. Its log is {log}."
        ),
    )
