"""From a study to its report: a page, figures for print, and tables."""

from pathlib import Path

from nullfit.config.schema import RunConfig
from nullfit.report.page import page
from nullfit.report.runs import environments, other_entries
from nullfit.report.scores import notice_of, score_rows
from nullfit.report.summary import about_tasks, data_note
from nullfit.report.tables import write_table_files
from nullfit.report.tasks import task_parts
from nullfit.results.published.scoreboard import readable, scoreboard
from nullfit.results.study import Study
from nullfit.system.files import write_text
from nullfit.tasks.train.trainings import Trainings, trainings_of

PAGE = "index.html"


def build_report(study: Study, folder: Path, config: RunConfig) -> list[Path]:
    """Write the report of a study to ``folder`` and return its files, the page first.

    ``config`` is the command's own: what code it trusts when samples are drawn again.
    """
    scores = scoreboard(study)
    reproduces = bool(scores["same_setup"].any())
    trained = (
        trainings_of(study, folder, config, reproduces=reproduces)
        if study.runs
        else Trainings({}, [], [])
    )
    tasks = task_parts(study, folder)
    files = [*trained.files, *(file for task in tasks for file in task.files)]
    if not scores.empty:
        files += write_table_files(folder / "tables", "scoreboard", scores, readable(scores))
    content = {
        "study": study.name,
        "trained": bool(study.runs),
        "about_tasks": about_tasks(study),
        **trained.content,
        "tasks": tasks,
        "notice": notice_of(scores, data_note([*study.runs, *study.others])),
        "scoreboard": None if scores.empty else score_rows(scores),
        "runs": trained.entries,
        "others": other_entries(study, [task.name for task in tasks]),
        "environments": environments([*trained.entries, *(e for t in tasks for e in t.runs)]),
    }
    write_text(folder / PAGE, page(content))
    written = [folder / PAGE, *files]
    _remove_stale(folder, written)
    return written


def _remove_stale(folder: Path, written: list[Path]) -> None:
    """Take away what an earlier report of the study wrote and this one did not."""
    for part in ("figures", "tables"):
        for file in (folder / part).glob("*"):
            if file.is_file() and file not in written:
                file.unlink()
