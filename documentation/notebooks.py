"""Tutorials are pages in Markdown; their notebooks are made of them, with what the pages show."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

_BLOCK = re.compile(
    r"^```python\n(?P<code>.*?)^```\n"
    r"(?:\n```text\n(?P<text>.*?)^```\n)?"
    r"(?:\n!\[(?P<title>[^\]]*)\]\((?P<picture>[^)]+)\)\n)?",
    re.M | re.S,
)
_DOWNLOAD = re.compile(r"^.*\[[^\]]*\]\([\w-]+\.ipynb\).*\n+", re.M)
_PAGE = re.compile(r"\]\((?!https?:)[^)]*\)")


@dataclass(frozen=True)
class Cell:
    """A cell of code with what a page shows below it: a text, a picture, both or nothing."""

    code: str
    text: str | None = None
    title: str | None = None
    picture: str | None = None


def tutorials(docs: Path) -> list[Path]:
    """The pages that are notebooks."""
    pages = sorted((docs / "tutorials").glob("*.md"))
    return [page for page in pages if page.stem != "index"]


def parts(page: Path) -> Iterator[str | Cell]:
    """The texts and the cells of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    end = 0
    for block in _BLOCK.finditer(text):
        if between := text[end : block.start()].strip():
            yield between
        yield Cell(block["code"].rstrip("\n"), block["text"], block["title"], block["picture"])
        end = block.end()
    if rest := text[end:].strip():
        yield rest


def cells(page: Path) -> list[Cell]:
    """The cells of code alone."""
    return [part for part in parts(page) if isinstance(part, Cell)]


def dumped(page: Path) -> str:
    """The notebook of a page, with its outputs, as the text of an .ipynb file."""
    made = [_cell(part, page.parent) for part in parts(page)]
    for number, cell in enumerate(made):
        cell["id"] = f"{page.stem}-{number}"  # the same each time
    notebook = nbformat.v4.new_notebook(cells=made)
    notebook["metadata"]["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook))


def _cell(part: str | Cell, folder: Path) -> Any:
    if isinstance(part, str):  # whose links to other pages of the site lead nowhere from here
        return nbformat.v4.new_markdown_cell(_PAGE.sub("]", _DOWNLOAD.sub("", part)).strip())
    return nbformat.v4.new_code_cell(part.code, outputs=list(_outputs(part, folder)))


def _outputs(cell: Cell, folder: Path) -> Iterator[Any]:
    if cell.text is not None:
        yield nbformat.v4.new_output("stream", name="stdout", text=cell.text)
    if cell.picture is not None:
        png = base64.b64encode((folder / cell.picture).read_bytes()).decode()
        yield nbformat.v4.new_output("display_data", {"image/png": png, "text/plain": cell.title})
