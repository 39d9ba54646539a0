"""The card of a study, section by section."""

from collections.abc import Sequence

from nullfit.report.card.checklist import checklist_section
from nullfit.report.card.corruptions import corruptions_section
from nullfit.report.card.cost import cost_section, versions_section
from nullfit.report.card.data import data_section
from nullfit.report.card.grid import grid_section, seeds_section
from nullfit.report.card.markup import text
from nullfit.report.card.not_reproduced import not_reproduced_section
from nullfit.report.card.question import question_section
from nullfit.report.card.results import paired_section, results_section
from nullfit.report.card.training import training_section
from nullfit.report.summary import about
from nullfit.results.settings import settings_of
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun


def study_card(study: Study, runs: Sequence[TaskRun], question: str | None) -> str:
    """The card in Markdown, of some runs of a study; the others are named as left out.

    ``question`` is the author's own; None: one is found or made. What cannot be known from the
    files is said not to be.

    Raises:
        Exception: of many kinds, where a field of a run is not what its task writes.
    """
    kept = study.only(runs)
    folders = {run.folder for run in runs}
    left_out = [run for run in study.every_run if run.folder not in folders]
    settings = settings_of(kept.runs)
    head = f"# Study: {text(study.name)}\n\n{text(' '.join(about(kept)))}"
    sections = [
        question_section(kept, settings, question),
        data_section(kept.every_run),
        corruptions_section(kept, settings),
        training_section(kept, settings),
        grid_section(kept),
        seeds_section(kept),
        results_section(kept, settings),
        *([paired_section(settings)] if settings else []),
        cost_section(kept, settings),
        versions_section(kept),
        not_reproduced_section(kept, left_out),
        checklist_section(kept),
    ]
    return "\n\n".join([head, *sections]) + "\n"
