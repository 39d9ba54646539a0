"""The tutorials in a kernel of Jupyter: they end in time, and show what their pages show."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from documentation.notebooks import Cell, cells, parts, tutorials
from documentation.tutorials import carried_out, picture_of, text_of
from tests.documentation.building import FEW_EPOCHS, ROOT
from tests.kernels import forked

PAGES = tutorials(ROOT / "docs")
MOST_SECONDS = 120.0  # of one core, whatever else the machine does
# A notebook's last cell: what its process, and those that it started, computed.
SECONDS = "import os\nprint(sum(os.times()[:4]))"
FITTED = "train_accuracy"
NUMBER = re.compile(r"-?\d[\d,.]*")


@pytest.fixture(autouse=True)
def _one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests need the others."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def _forked() -> Iterator[None]:
    with forked():
        yield


def words(text: str) -> list[str]:
    """A text without its numbers, which another machine rounds otherwise."""
    return NUMBER.sub("", text).split()


def column(table: str, name: str) -> list[str]:
    """The values of a column of a printed table."""
    head, *rows = [line.split() for line in table.strip().split("\n")]
    return [row[head.index(name)] for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_tutorial_shows_what_its_page_shows(page: Path, tmp_path: Path) -> None:
    own = cells(page)
    *outputs, seconds = carried_out([*(cell.code for cell in own), SECONDS], tmp_path)
    assert 0 < float(text_of(seconds)) < MOST_SECONDS
    for cell, shown in zip(own, outputs, strict=True):
        assert not [out for out in shown if out.get("name") == "stderr"], cell.code
        if cell.text is not None:
            assert words(text_of(shown)) == words(cell.text)
            if FITTED in cell.text:  # networks fit whatever they are given, on every machine
                assert column(text_of(shown), FITTED) == column(cell.text, FITTED)
                assert {*map(float, column(cell.text, FITTED))} == {1.0}
        if cell.picture is not None:
            assert picture_of(shown).startswith(b"\x89PNG")
            assert (page.parent / cell.picture).is_file()
    assert any(cell.text for cell in own)
    assert any(cell.picture for cell in own)


@pytest.mark.slow
def test_the_page_from_python_works_as_it_stands(tmp_path: Path) -> None:
    own = cells(ROOT / "docs" / "python.md")
    assert len(own) == 3
    carried_out([FEW_EPOCHS, *(cell.code for cell in own)], tmp_path)
    assert len(list((tmp_path / "outputs" / "first").glob("*/result.json"))) == 4


def test_a_page_falls_into_texts_and_cells(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# Title\n\n```python\na = 1\n```\n\nWords.\n\n```python\nprint(a)\n```\n\n"
        "```text\n1\n```\n\n![A figure](figure.png)\n\n```sh\nls\n```\n"
    )
    assert list(parts(page)) == [
        "# Title",
        Cell("a = 1"),
        "Words.",
        Cell("print(a)", "1\n", "A figure", "figure.png"),
        "```sh\nls\n```",
    ]
