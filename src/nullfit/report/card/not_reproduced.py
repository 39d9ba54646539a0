"""What of a study was not reproduced, not finished or left out."""

from collections.abc import Sequence

from nullfit.errors import by_reason
from nullfit.report.card.markup import bullets, section, table, text
from nullfit.report.summary import many
from nullfit.results.failure import reason_of_failure
from nullfit.results.published.scoreboard import NO_REPRODUCTION, beside, readable, scoreboard
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun
from nullfit.results.unfinished import NO_RESULT

_SHOWN = ["source", "quantity", "setting", "published", "ours", "n", "difference"]


def not_reproduced_section(study: Study, left_out: Sequence[TaskRun]) -> str:
    """Published numbers beside the study's own, and the runs that are in no number above.

    ``left_out`` are finished runs of which no card could be made.
    """
    return section("What was not reproduced", *_published(study), _runs(study, left_out))


def _published(study: Study) -> list[str]:
    scores = beside(study, scoreboard(study))
    if scores.empty:
        return ["No published number belongs to a setting of this study."]
    shown, same = readable(scores), scores["same_setup"].to_numpy(dtype=bool)
    blocks = []
    if same.any():
        blocks += [
            f"{many(int(same.sum()), 'published number')} measured in the published setup; whether "
            "the difference is one of luck is the reader's to judge:",
            table(shown.loc[same, _SHOWN]),
        ]
    if not same.all():
        others = shown.loc[~same, [*_SHOWN, "remark"]]
        others["remark"] = others["remark"].str.removeprefix(NO_REPRODUCTION)
        others = others.rename(columns={"remark": "not the published setup"})
        blocks += [
            f"{many(int((~same).sum()), 'published number')} not reproduced: data, epochs or "
            "settings here were others, and nothing follows from the difference.",
            table(others),
        ]
    return blocks


def _runs(study: Study, left_out: Sequence[TaskRun]) -> str:
    reasons = {folder: reason_of_failure(folder) or NO_RESULT for folder in study.unfinished}
    lines = [
        f"{many(len(folders), 'run')} unfinished, e.g. {text(folders[0].name)}: {text(reason)}"
        for reason, folders in by_reason(reasons).items()
    ]
    lines += [f"diverged: {text(run.folder.name)}" for run in study.every_run if run.diverged]
    lines += [f"left out: {text(note)}" for note in study.left_out]
    lines += [
        f"left out, since fields of its result cannot be read: {text(run.folder.name)}"
        for run in left_out
    ]
    return bullets(lines) or "No run of the study diverged, failed, or was interrupted or left out."
