"""Which runs the suspects are of, and by which of their scores."""

from pathlib import Path

from nullfit.config.folders import named_folder
from nullfit.console.messages import warn
from nullfit.errors import UserError
from nullfit.results.grouping import Group, groups_of
from nullfit.results.result import RESULT, read_result
from nullfit.results.samples import SAMPLES, Samples, has_samples, read_samples
from nullfit.results.study import read_config, read_study
from nullfit.results.task_run import TaskRun
from nullfit.system.reading import is_regular
from nullfit.tasks.clean.settings import CleanSettings

_FIRST_CHOICE = ("aum", "held_out_probability")  # of probe=dynamics and task=memorization


def chosen_score(samples: Samples, folder: Path) -> str:
    """The score that is taken where none is asked for."""
    score = next((name for name in (*_FIRST_CHOICE, *samples.scores) if name in samples.scores), "")
    if not score:
        raise UserError(
            f"{folder / SAMPLES} has no score that finds wrong labels.\nGive the folder "
            "of a training with probe=dynamics or of task=memorization."
        )
    return score


def scored_runs(clean: CleanSettings) -> list[TaskRun]:
    """The run, or those of the study, that left scores."""
    if not clean.run:
        raise UserError(
            "task=clean needs clean.run=…: the folder of a finished run with probe=dynamics, "
            "probe=loss_mixture, task=memorization or task=prediction_depth, or a study of them."
        )
    folder = named_folder("clean.run", clean.run)
    if is_regular(folder / RESULT):
        result = read_result(folder)
        assert result is not None
        return [TaskRun(folder, result, read_config(folder))]
    runs = read_study(str(folder.parent), folder.name).every_run
    scored = [run for run in runs if has_samples(run.folder)]
    if not scored:
        raise UserError(
            f"clean.run={clean.run}: none of its {len(runs)} runs scored its samples.\nGive the "
            "folder of trainings with probe=dynamics, or of task=memorization."
        )
    groups = groups_of(scored)
    if len(groups) > 1:  # a training without suspects may stand beside the one they are of
        whole = [group for group in groups if not _left_out(group.runs[0])]
        if whole and len(whole) < len(groups):
            warn(f"clean.run={clean.run}: its runs that left samples out are not asked.")
        groups = whole or groups
    if len(groups) > 1:
        groups = _with_score(groups, clean.score) or groups
    if len(groups) > 1:
        raise UserError(
            f"clean.run={clean.run} has runs of {len(groups)} settings, e.g. "
            f"{groups[0].runs[0].folder.name} and {groups[1].runs[0].folder.name}: give the folder "
            "of one run, or a study whose runs differ in the seed alone."
        )
    return groups[0].runs


def _left_out(run: TaskRun) -> int:
    """How many samples its training was told to leave out."""
    return int(run.result["data"].get("left_out", 0))


def _with_score(groups: list[Group[TaskRun]], score: str | None) -> list[Group[TaskRun]]:
    """Those that have the score asked for, or the first choice that any has.

    So trainings stand in one study with tasks that were run on them.
    """
    found = [(group, read_samples(group.runs[0].folder).scores) for group in groups]
    for name in _FIRST_CHOICE if score is None else [score]:
        if having := [group for group, scores in found if name in scores]:
            return having
    return []
