"""nullfit in a real kernel of Jupyter: what a notebook shows."""

import re
import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.documentation.building import FEW_EPOCHS, ROOT

pytestmark = pytest.mark.slow


def executed(folder: Path, *cells: str) -> list[Any]:
    """The outputs of each cell."""
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources=resources, allow_errors=True
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Jupyter's own packages
        client.execute()
    return [cell.outputs for cell in notebook.cells]


def streams(outputs: list[Any], name: str) -> str:
    return "".join(out["text"] for out in outputs if out.get("name") == name)


def seen(text: str) -> list[str]:
    """The lines of a stream as Jupyter shows them: what follows a return covers what was there."""
    lines = []
    for line in text.split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        lines.append(shown.rstrip())
    return lines


def test_readmes_example_shows_runs_tables_and_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # other tests need the other cores
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(import nullfit\n.*?)```", readme, re.S)
    first, second = example.split("\n\n", 1)[1].split("\n\n")
    *sweep, figure, query = second.strip().split("\n")
    _, run, study, picture, table, wrong = executed(
        tmp_path,
        FEW_EPOCHS,
        f"import nullfit\n{first}",
        "\n".join(sweep),
        figure,
        query,
        'nullfit.run("sed=1")',
    )
    assert "not fitted" in run[-1]["data"]["text/plain"]
    for outputs in (run, study):
        assert streams(outputs, "stderr") == ""
        assert all("\x1b" not in line and "left" not in line for line in outputs)
        shown = seen(streams(outputs, "stdout"))
        assert not any("reading the settings" in line for line in shown)
        assert any(line.startswith("  wrote outputs/") for line in shown)
    assert picture[-1]["data"]["image/png"]
    assert "random_labels" in table[-1]["data"]["text/html"]
    (error,) = [out for out in wrong if out["output_type"] == "error"]
    assert error["traceback"] == ["nullfit: sed is not a setting. Did you mean seed?"]
    assert len(list((tmp_path / "outputs" / "first").glob("*/result.json"))) == 4
