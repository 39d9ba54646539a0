"""Numbers for people, and tables as files: CSV, and for people Markdown and LaTeX."""

import math
import re
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a training that shows its progress must not pay for it
    import pandas


# How a formula begins, in any width that a spreadsheet knows.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Of Markdown, beside the HTML in it.
_MARKUP = re.compile(r"[\[\]`|\\]")


def percent(share: float, digits: int = 1) -> str:
    """A share in per cent: 0.973 is "97.3". Whoever shows a share as a percentage uses this.

    All and nothing are never rounded to: 0.9997 is "99.9" and 0.0003 is "0.1", since "100.0" says
    that no sample is missing and "0.0" that there is none.
    """
    last = 10.0**-digits
    if 0 < share < 1:
        return f"{min(max(100 * share, last), 100 - last):.{digits}f}"
    return f"{100 * share:.{digits}f}"


def points(deviation: float, digits: int = 2) -> str:
    """A difference of shares in points: 0.0123 is "1.23"."""
    return f"{100 * deviation:.{digits}f}"


def signed_points(difference: float) -> str:
    """The same of one that may be to either side: 0.0123 is "+1.23"."""
    return f"{100 * difference:+.2f}"


def setting_percent(share: float) -> str:
    """A share that was chosen, not measured, with the digits that it was chosen with: "40 %"."""
    return f"{100 * share:g} %"


def short(value: float, digits: int = 4) -> str:
    """A number with so many significant digits. As in `percent`, what is below 1 never reads 1."""
    text = f"{value:.{digits}g}"
    if text in ("1", "-1") and abs(value) < 1:
        return f"{math.copysign(1 - 10.0**-digits, value):.{digits}g}"
    return text


def markdown(table: "pandas.DataFrame") -> str:
    """A table in GitHub's Markdown."""
    columns = [str(column) for column in table.columns]
    rows = [[str(value) for value in row] for row in table.itertuples(index=False)]
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(map(markdown_text, line)) + " |" for line in lines) + "\n"


def csv_text(table: "pandas.DataFrame") -> str:
    """A table as CSV. A spreadsheet shows the texts in it, and computes none of them."""
    return str(table.map(no_formula).rename(columns=no_formula).to_csv(index=False))


def no_formula(value: Any) -> Any:
    """Names of classes and columns come from files; =, +, - and @ would make formulas of them."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def latex(table: "pandas.DataFrame") -> str:
    """A table for a paper; needs the package booktabs."""
    lines = table.map(_one_line).rename(columns=_one_line)
    return str(lines.to_latex(index=False, escape=True))


def _one_line(value: Any) -> Any:
    return " ".join(value.splitlines()) if isinstance(value, str) else value


def markdown_text(text: str) -> str:
    """A text for Markdown, in one line: what would be markup in it stands as it is written."""
    html = escape(_one_line(text), quote=False)
    return _MARKUP.sub(r"\\\g<0>", html)
