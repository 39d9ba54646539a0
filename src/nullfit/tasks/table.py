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
    from rich.console import Console
    from rich.table import Table

    from nullfit.results.table import readable, study_table

    numbers = study_table(study)
    text = readable(numbers)
    columns = [str(column) for column in text.columns]
    shown = Table(title=f"study {study.name}", title_justify="left")
    for column in columns:
        is_name = column in ("model", "corruption")
        shown.add_column(column, justify="left" if is_name else "right", no_wrap=is_name)
    rows = [[str(value) for value in row] for row in text.itertuples(index=False)]
    for row in rows:
        shown.add_row(*row)
    Console().print(shown)
    lines = [columns, ["---"] * len(columns), *rows]
    markdown = "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
    write_text(folder / "table.csv", numbers.to_csv(index=False))
    write_text(folder / "table.md", markdown)
    return [folder / "table.csv", folder / "table.md"]
