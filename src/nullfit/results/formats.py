"""Tables as files: CSV, and for people Markdown and LaTeX."""

from typing import Any

import pandas


def markdown(table: pandas.DataFrame) -> str:
    """A table in GitHub's Markdown."""
    columns = [str(column) for column in table.columns]
    rows = [[str(value) for value in row] for row in table.itertuples(index=False)]
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines) + "\n"


def csv_text(table: pandas.DataFrame) -> str:
    """A table as CSV. A spreadsheet shows the texts in it, and computes none of them."""
    return str(table.map(_no_formula).rename(columns=_no_formula).to_csv(index=False))


def _no_formula(value: Any) -> Any:
    """Names of classes and columns come from files; =, +, - and @ would make formulas of them."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value


def latex(table: pandas.DataFrame) -> str:
    """A table for a paper; needs the package booktabs."""
    return str(table.to_latex(index=False, escape=True))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
