"""``task=report``: a study as one page, figures for print, and tables."""

from pathlib import Path

from nullfit.config.schema import RunConfig
from nullfit.console.messages import say, warn
from nullfit.errors import UserError


def report(config: RunConfig, folder: Path) -> None:
    """Print a study's table; write its page, and its figures and tables as files.

    Raises:
        UserError: the study does not exist or has no finished run.
    """
    from nullfit.report.build import build_report
    from nullfit.report.tables import print_table
    from nullfit.results.study import read_study
    from nullfit.results.unfinished import say_unfinished

    study = read_study(config.outputs, config.study)
    page, *others = build_report(study, folder, config)
    try:
        print_table(study)
    except UserError as error:
        warn(f"there is no table of study {study.name}: {error}")
    say_unfinished(study, "listed in the report")
    kinds: dict[Path, list[str]] = {}
    for path in others:
        kinds.setdefault(path.with_suffix(""), []).append(path.suffix)
    for stem, suffixes in sorted(kinds.items()):
        say(f"  wrote {stem}{', '.join(sorted(suffixes, reverse=True))}")
    say(f"  wrote {page} ({page.stat().st_size / 1e6:.1f} MB): open it in a browser")
