"""The jobs of a grid, trained together where that is possible and pays."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.console.messages import say
from nullfit.console.progress import Progress
from nullfit.data.image_set import Dataset
from nullfit.fused.limits import group_size, reason_to_train_alone
from nullfit.fused.pool import Pool
from nullfit.fused.together import Ended, fit_together, follow
from nullfit.launchers.job import Job
from nullfit.runs.conclusion import conclude
from nullfit.runs.outcome import begin, finished
from nullfit.runs.training import prepare
from nullfit.system import interruption
from nullfit.system.allocator import keep_freed_memory
from nullfit.system.claim import TakenError, claimed
from nullfit.training.device import chosen_device, device_of
from nullfit.training.fitting import image_dtype
from nullfit.training.loggers import tracking
from nullfit.training.training import Training


@dataclass(frozen=True)
class JobCallbacks:
    """How jobs are carried out alone, and what is done when one ends or fails."""

    alone: Callable[[Job], None]
    done: Callable[[Job], None]
    failed: Callable[[Job, Exception], None]


def launch(jobs: Sequence[Job], callbacks: JobCallbacks, max_group: int | None) -> None:
    """Carry out all jobs, each with the same files as if it had run alone."""
    keep_freed_memory()
    datasets = _Datasets()
    groups: dict[str, list[Job]] = {}
    others = sorted({job.config.task.name for job in jobs} - {"train"})
    if others:
        say(f"task={', '.join(others)}: jobs run one after the other; only trainings are fused.")
    for job in jobs:
        if job.config.task.name != "train":
            callbacks.alone(job)
        elif finished(job.config, job.folder) is not None:
            callbacks.done(job)
        else:
            groups.setdefault(_kind(job.config), []).append(job)
    for group in groups.values():
        _Fusion(group, callbacks, datasets, max_group).run()


def _kind(config: RunConfig) -> str:
    """What the networks of one stack must have in common."""
    plain = config.plain()
    dropout = config.regularizer.dropout
    return json.dumps(
        [
            {**plain["model"], "learning_rate": None},
            plain["data"],
            config.loss.model_dump(),
            config.optimizer.target,
            config.trainer.precision,
            config.trainer.accelerator,
            config.trainer.memory_format,
            config.trainer.tf32,
            config.trainer.threads,
            config.trainer.compile,
            None if dropout is None else dropout.probability,
            plain.get("probe"),
            plain.get("probes"),
            plain.get("freeze"),
        ],
        sort_keys=True,
        default=str,
    )


class _Datasets:
    """Reads each data set once; keeps the last one only."""

    def __init__(self) -> None:
        self._last: tuple[str, Dataset] | None = None

    def of(self, config: RunConfig) -> Dataset:
        key = json.dumps(config.plain()["data"], sort_keys=True, default=str)
        if self._last is None or self._last[0] != key:
            self._last = (key, assembly.load_dataset(config))
        return self._last[1]


class _Fusion:
    """Jobs of one kind on their way through one stack."""

    def __init__(
        self,
        jobs: Sequence[Job],
        callbacks: JobCallbacks,
        datasets: _Datasets,
        max_group: int | None,
    ) -> None:
        self.jobs = {job.folder: job for job in jobs}  # those that are not over
        self.first = jobs[0]
        self.name = f"{self.first.config.model.name} on {self.first.config.data.name}"
        self.callbacks = callbacks
        self.datasets = datasets
        self.max_group = max_group
        self.claims: dict[Path, ExitStack] = {}  # of the jobs in course
        self.taken: list[Job] = []  # that another process runs

    def run(self) -> None:
        """Train them together, or one after the other where that is not possible or slower."""
        trainer = self.first.config.trainer
        try:
            chosen_device(trainer)
            training = self._prepared(self.first)
            reason = reason_to_train_alone(training, len(self.jobs))
        except Exception as error:
            self._fail(self.first, error)
            return self._again()
        if len(self.jobs) == 1:
            say(f"1 job of {self.name} runs alone: none shares its network, data and batch size.")
            return self._alone()
        if reason is not None:
            say(f"{len(self.jobs)} jobs of {self.name} run one after the other: {reason}.")
            return self._alone()
        size = min(self.max_group or group_size(training), len(self.jobs))
        say(f"fusing {len(self.jobs)} jobs of {self.name}, {size} at a time")
        self._together(size)
        return None

    def _together(self, size: int) -> None:
        trainer = self.first.config.trainer
        pool = Pool(device_of(trainer), image_dtype(trainer))
        try:
            with Progress(self.name, 0.0, shown=trainer.progress, at_most=True) as progress:
                watch = follow(progress, len(self.jobs))
                for ended in fit_together(self._trainings(), size, pool, watch):
                    self._conclude(ended)
        except Exception as error:
            for job in list(self.jobs.values()):
                self._fail(job, error)
        finally:
            for claim in self.claims.values():
                claim.close()
        interruption.release()  # one that came while a result was written, and no step after it
        for job in self.taken:  # waits until it is free
            self.callbacks.alone(job)

    def _trainings(self) -> Iterator[Training]:
        for job in list(self.jobs.values()):
            try:
                claim = self.claims[job.folder] = ExitStack()
                claim.enter_context(claimed(job.folder, job.config.job, wait=False))
                if finished(job.config, job.folder) is not None:
                    self._over(job)
                    self.callbacks.done(job)
                    continue
                training = self._prepared(job)
                begin(job.config, job.folder)
            except TakenError:
                self._over(job)
                self.taken.append(job)
            except Exception as error:
                self._fail(job, error)
            else:
                yield training

    def _prepared(self, job: Job) -> Training:
        return prepare(job.config, job.folder, self.datasets.of(job.config))

    def _conclude(self, ended: Ended) -> None:
        training = ended.training
        assert training.folder is not None
        job = self.jobs[training.folder]
        # The others are saved when a signal is let through, which is at their next step.
        interruption.hold()
        try:
            with _hydra(job.composed), tracking(job.config, job.folder) as tracked:
                tracked.data(training.data)
                tracked.replay(ended.outcome, ended.step_losses.tolist())
                conclude(job.config, job.folder, training, ended.outcome, tracked)
        except Exception as error:
            self._fail(job, error)
        else:
            self._over(job)
            self.callbacks.done(job)
        finally:
            interruption.drop()

    def _over(self, job: Job) -> None:
        del self.jobs[job.folder]
        self.claims.pop(job.folder, ExitStack()).close()

    def _fail(self, job: Job, error: Exception) -> None:
        self._over(job)
        self.callbacks.failed(job, error)

    def _again(self) -> None:
        """Go on without the first job, which failed."""
        if self.jobs:
            jobs = list(self.jobs.values())
            _Fusion(jobs, self.callbacks, self.datasets, self.max_group).run()

    def _alone(self) -> None:
        for job in list(self.jobs.values()):
            del self.jobs[job.folder]
            self.callbacks.alone(job)


@contextmanager
def _hydra(composed: DictConfig) -> Iterator[None]:
    """Within it Hydra's configuration is the job's, so that its result tells its command."""
    holder: Any = HydraConfig.instance()
    before = holder.cfg
    holder.set_config(composed)
    try:
        yield
    finally:
        holder.cfg = before
