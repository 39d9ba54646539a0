"""``task=table``: the table of a study."""

from pathlib import Path

from nullfit.config.schema import RunConfig
from nullfit.console import name_files, say
from nullfit.files import write_text
from nullfit.results.study import Study, read_study


def table(config: RunConfig, folder: Path) -> None:
    """Print model × corruption with mean ± standard deviation over seeds; write CSV and Markdown.

    Raises:
        UserError: the study does not exist or has no finished run.
    """
    study = read_study(config.outputs, config.study)
    name_files(write_table(study, folder))
    for job in study.unfinished:
        say(f"  unfinished, not in the table: {job}")


def write_table(study: Study, folder: Path) -> list[Path]:
    """Print the table and write it to ``folder``; returns the files."""
    from nullfit.results.formats import markdown
    from nullfit.results.table import readable, study_table

    numbers = study_table(study)
    print_table(study)
    write_text(folder / "table.csv", numbers.to_csv(index=False))
    write_text(folder / "table.md", markdown(readable(numbers)))
    return [folder / "table.csv", folder / "table.md"]


def print_table(study: Study) -> None:
    """Print the table for people."""
    from rich.console import Console
    from rich.table import Table

    from nullfit.results.table import readable, study_table

    text = readable(study_table(study))
    shown = Table(title=f"study {study.name}", title_justify="left")
    for column in map(str, text.columns):
        is_name = column in ("model", "corruption")
        shown.add_column(column, justify="left" if is_name else "right", no_wrap=is_name)
    for row in text.itertuples(index=False):
        shown.add_row(*map(str, row))
    Console().print(shown)
