"""Carry out the tutorials and renew what their pages show: python -m documentation.tutorials.

A page keeps the texts and pictures that it shows; those that a cell is followed by are made anew.
"""

import base64
import re
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from documentation.notebooks import Cell, cells, parts, tutorials

_SECONDS = 300  # that a cell may take
_ENDS = re.compile(r"[ \t]+$", re.M)


def carried_out(code: Sequence[str], folder: Path) -> list[list[Any]]:
    """The outputs of cells, carried out in a kernel of Jupyter whose folder is ``folder``.

    Raises:
        nbclient.exceptions.CellExecutionError: one failed.
    """
    from nbclient import NotebookClient  # noqa: PLC0415  (takes a second)

    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, code)))
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=_SECONDS, kernel_name="python3", resources=resources)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Jupyter's own packages
        client.execute()
    return [cell.outputs for cell in notebook.cells]


def text_of(outputs: Sequence[Any]) -> str:
    """What a cell printed, and the value that it shows."""
    printed = "".join(out["text"] for out in outputs if out.get("name") == "stdout")
    values = [out["data"] for out in outputs if "data" in out and "image/png" not in out["data"]]
    text = printed + "".join(f"{value['text/plain']}\n" for value in values)
    return _ENDS.sub("", text).rstrip("\n") + "\n"


def picture_of(outputs: Sequence[Any]) -> bytes:
    """The picture that a cell shows, as PNG.

    Raises:
        ValueError: it shows none, or several.
    """
    (picture,) = [out["data"]["image/png"] for out in outputs if "image/png" in out.get("data", {})]
    return base64.b64decode(picture)


def renew(page: Path, folder: Path) -> None:
    """Carry out a page in ``folder``, and write it and its pictures with what came out."""
    outputs = iter(carried_out([cell.code for cell in cells(page)], folder))
    shown = [
        part if isinstance(part, str) else _shown(part, next(outputs), page) for part in parts(page)
    ]
    page.write_text("\n\n".join(shown) + "\n", encoding="utf-8")


def _shown(cell: Cell, outputs: Sequence[Any], page: Path) -> str:
    blocks = [f"```python\n{cell.code}\n```"]
    if cell.text is not None:
        blocks.append(f"```text\n{text_of(outputs)}```")
    if cell.picture is not None:
        (page.parent / cell.picture).write_bytes(picture_of(outputs))
        blocks.append(f"![{cell.title}]({cell.picture})")
    return "\n\n".join(blocks)


def main(docs: Path) -> None:
    """Renew all tutorials, or those that the command names."""
    for page in tutorials(docs):
        if len(sys.argv) == 1 or page.stem in sys.argv[1:]:
            with tempfile.TemporaryDirectory() as folder:
                renew(page, Path(folder))


if __name__ == "__main__":
    main(Path(__file__).parents[1] / "docs")
