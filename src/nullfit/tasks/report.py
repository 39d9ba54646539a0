"""``task=report``: a study as one page, figures for print, and tables."""

from pathlib import Path

from nullfit.config.schema import RunConfig
from nullfit.console import name_files, say


def report(config: RunConfig, folder: Path) -> None:
    """Print a study's table; write its page, and its figures and tables as files.

    Raises:
        UserError: the study does not exist or has no finished run.
    """
    from nullfit.report.build import build_report
    from nullfit.results.study import read_study
    from nullfit.tasks.table import print_table

    study = read_study(config.outputs, config.study)
    page, *others = build_report(study, folder, config)
    print_table(study)
    for job in study.unfinished:
        say(f"  unfinished, listed in the report: {job}")
    figures = [path for path in others if path.suffix == ".pdf"]
    tables = [path for path in others if path.suffix == ".csv"]
    name_files(figures)
    name_files(tables)
    say("  … and each figure as .png, each table as .md and .tex")
    say(f"  wrote {page} ({page.stat().st_size / 1e6:.1f} MB)")
