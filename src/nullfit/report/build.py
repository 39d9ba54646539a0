"""From a study to its report: a page, figures for print, and tables."""

from pathlib import Path

import pandas

from nullfit.config.schema import RunConfig
from nullfit.console.messages import warn
from nullfit.errors import UserError
from nullfit.report.page import page
from nullfit.report.parts import parts_of
from nullfit.report.runs import environments, other_entries
from nullfit.report.sample_means import write_sample_means
from nullfit.report.scores import notice_of, score_rows
from nullfit.report.summary import about, copies_notes, data_note
from nullfit.report.tables import write_table_files
from nullfit.results.published.scoreboard import beside, readable, scoreboard, usable_scoreboard
from nullfit.results.study import Study
from nullfit.system.files import refuse_links, write_text

PAGE = "index.html"
_SUFFIXES = (".pdf", ".png", ".svg", ".csv", ".md", ".tex")  # of figures and tables


def build_report(study: Study, folder: Path, config: RunConfig) -> list[Path]:
    """Write the report of a study to ``folder`` and return its files, the page first.

    ``config`` is the command's own: what code it trusts when samples are drawn again.
    """
    parts = parts_of(study, folder, config)
    scores = _scores(study)
    sample_files = write_sample_means(study, folder / "tables")
    score_files = [] if scores.empty else _write(scores, folder)
    content = {
        "study": study.name,
        "about": [*about(study), *copies_notes(study.every_run)],
        "parts": parts,
        "notice": notice_of(scores, data_note(study.every_run)),
        "scores": score_rows(scores),
        "score_files": score_files,
        "sample_files": sample_files,
        "others": other_entries(study, [part.name for part in parts]),
        "environments": environments([run for part in parts for run in part.runs]),
    }
    write_text(folder / PAGE, page(content))
    tables = [*(file for part in parts for file in part.files), *score_files, *sample_files]
    written = [folder / PAGE, *tables]
    _remove_stale(folder, written)
    return written


def _scores(study: Study) -> pandas.DataFrame:
    try:
        return beside(study, usable_scoreboard(study))
    except UserError as error:
        warn(f"there is no scoreboard of study {study.name}: {error}")
        return scoreboard(study.only([]))


def _write(scores: pandas.DataFrame, folder: Path) -> list[Path]:
    return write_table_files(folder / "tables", "scoreboard", scores, readable(scores))


def _remove_stale(folder: Path, written: list[Path]) -> None:
    """Take away what an earlier report of the study wrote and this one did not."""
    for part in ("figures", "tables"):
        refuse_links(folder / part)
        for file in (folder / part).glob("*"):
            ours = file.suffix in _SUFFIXES and file.is_file() and not file.is_symlink()
            if ours and file not in written:
                file.unlink()
