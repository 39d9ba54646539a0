"""Names of classes and columns are what they look like, in every format."""

import base64
import csv
import re
import zlib
from pathlib import Path

import pandas
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nullfit.charts.style import literal
from nullfit.results.formats import csv_text, latex
from tests.bad_input.conftest import Run
from tests.bad_input.files import images

HTML, FORMULA, MATH, MARKUP = "<img src=x onerror=alert(1)>", "=1+cmd()", "$x_{$", "[/red]"


def test_a_report_and_a_picture_of_hostile_names(run: Run, tmp_path: Path) -> None:
    images(tmp_path, (HTML, FORMULA, MATH, MARKUP))
    data = ["data=image_folder", "data.root=img", "data.crop=null"]
    quiet = ["logger=csv", "trainer.progress=false", "trainer.max_epochs=1", "study=s"]
    assert run(*data, *quiet).code == 0
    (folder,) = (path.parent for path in tmp_path.glob("outputs/s/*/result.json"))
    evaluated = run("task=evaluate", f"checkpoint={folder}", "data.root=img", "logger=csv")
    assert evaluated.code == 0, evaluated.err
    reported = run("task=report", "study=s", "logger=csv")
    assert reported.code == 0, reported.err
    page = next(tmp_path.glob("outputs/s/report/index.html")).read_text()
    assert HTML not in page
    packed = re.findall(r'<script type="text/plain">(.*?)</script>', page)
    figures = [zlib.decompress(base64.b64decode(data)).decode() for data in packed]
    assert any(HTML in figure for figure in figures)  # it is there, as text
    for path in tmp_path.glob("outputs/s/**/*.csv"):
        with path.open(newline="") as lines:
            cells = [cell for line in csv.reader(lines) for cell in line]
        assert not [cell for cell in cells if cell.startswith(("=", "@"))]


def test_a_spreadsheet_computes_nothing() -> None:
    table = pandas.DataFrame({"=name": ["=1+1", "@x", "+2", "-a", "plain"], "n": [1, -2, 3, 4, 5]})
    text = csv_text(table)
    assert text.splitlines()[:3] == ["'=name,n", "'=1+1,1", "'@x,-2"]
    assert csv_text(pandas.DataFrame({"x": [-1.5, None]})) == 'x\n-1.5\n""\n'


def test_latex_runs_no_command() -> None:
    text = latex(pandas.DataFrame({"name": [r"\input{/etc/passwd}", "50%_$"]}))
    assert r"\textbackslash input\{/etc/passwd\}" in text
    assert r"50\%\_\$" in text


@pytest.mark.parametrize("name", ["$x_{$", "a$b", "$$", "plain"])
def test_a_dollar_begins_no_formula(name: str) -> None:
    figure = Figure()
    FigureCanvasAgg(figure)
    figure.text(0, 0, literal(name))
    figure.draw_without_rendering()
