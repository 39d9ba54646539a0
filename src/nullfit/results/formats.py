"""Tables of text as files for people: Markdown and LaTeX."""

import pandas


def markdown(table: pandas.DataFrame) -> str:
    """A table in GitHub's Markdown."""
    columns = [str(column) for column in table.columns]
    rows = [[str(value) for value in row] for row in table.itertuples(index=False)]
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines) + "\n"


def latex(table: pandas.DataFrame) -> str:
    """A table for a paper; needs the package booktabs."""
    return str(table.to_latex(index=False, escape=True))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
