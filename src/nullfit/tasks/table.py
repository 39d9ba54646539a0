"""``task=table``: the table of a study."""

from pathlib import Path

from nullfit.config.schema import RunConfig
from nullfit.console.messages import name_files
from nullfit.results.study import read_study
from nullfit.results.unfinished import say_unfinished


def table(config: RunConfig, folder: Path) -> None:
    """Print settings with mean ± standard deviation over seeds; write CSV and Markdown.

    Trainings stand in one table, model × corruption; each other task has one of its own.

    Raises:
        UserError: the study does not exist or has no finished run.
    """
    from nullfit.report.tables import write_table

    study = read_study(config.outputs, config.study)
    name_files(write_table(study, folder))
    say_unfinished(study, "not in the table")
