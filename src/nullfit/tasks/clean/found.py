"""The suspects of runs, and how many are listed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nullfit.errors import UserError
from nullfit.results.samples import Samples, read_samples
from nullfit.results.task_run import TaskRun
from nullfit.tasks.clean.scored_runs import chosen_score, scored_runs
from nullfit.tasks.clean.settings import CleanSettings

if TYPE_CHECKING:
    from nullfit.tasks.clean.suspects import Suspects


@dataclass(frozen=True)
class Found:
    """The suspects, and what they were found by."""

    runs: list[TaskRun]
    samples: list[Samples]  # of the runs
    score: str
    suspects: "Suspects"
    count: int
    why: str  # so many


def find(clean: CleanSettings) -> Found:
    """Rank the samples of the chosen runs, the worst first.

    Raises:
        UserError: as `nullfit.tasks.clean.task.clean`.
    """
    from nullfit.tasks.clean.suspects import ranked

    runs = scored_runs(clean)
    samples = [read_samples(run.folder) for run in runs]
    score = chosen_score(samples[0], runs[0].folder) if clean.score is None else clean.score
    suspects = ranked(samples, score)
    corrupted = suspects.samples.corrupted
    if clean.share is not None and clean.count is not None:
        raise UserError("clean.share and clean.count say the same: give only one of them.")
    if clean.count is not None:
        count, why = clean.count, ""
    elif clean.share is not None:
        count, why = max(1, round(clean.share * len(corrupted))), ""
    elif corrupted.any():
        count, why = int(corrupted.sum()), ", as many as have a corrupted label"
    else:
        raise UserError(
            "clean.share=null takes as many suspects as labels were corrupted, and none is known "
            "to be.\nSay how many there are: clean.share=0.1, or clean.count=100."
        )
    if count >= len(corrupted):
        raise UserError(f"{count:,} suspects are all {len(corrupted):,} samples: list fewer.")
    return Found(runs, samples, score, suspects, count, why)
