"""Figures for papers: size, fonts, names, and how files are written."""

import re
import shutil
import subprocess
from dataclasses import replace
from xml.etree import ElementTree

import altair as alt
import pandas
import pytest
from PIL import Image

from nullfit.charts import printed
from nullfit.charts.axes import whole_numbers
from nullfit.charts.figure import Figure, Panel
from nullfit.errors import StorageError


@pytest.fixture
def saved(figure, tmp_path):
    return printed.save(figure, tmp_path / "new" / "probability0.5")


def test_figures_are_pdf_svg_and_png_and_a_dot_in_the_name_stays(saved):
    names = [f"probability0.5{end}" for end in (".pdf", ".svg", ".png")]
    assert [path.name for path in saved] == names
    assert sorted(saved[0].parent.iterdir()) == sorted(saved)


def test_they_are_as_wide_as_a_text_column_with_fonts_embedded(saved):
    pdf, svg, png = (path.read_bytes() for path in saved)
    assert pdf.startswith(b"%PDF")
    assert b"/FontFile2" in pdf  # the embedded TrueType program
    assert b"/Type3" not in pdf
    assert re.search(rb"/MediaBox \[0 0 396 ", pdf)
    assert b'width="396"' in svg
    with Image.open(saved[2]) as picture:
        assert abs(picture.width - 5.5 * 300) <= 1
    assert png.startswith(b"\x89PNG")


@pytest.mark.skipif(not shutil.which("pdffonts"), reason="poppler-utils is not installed")
def test_the_only_font_is_the_one_that_is_carried_along(saved):
    told = subprocess.run(["pdffonts", str(saved[0])], capture_output=True, text=True, check=True)
    fonts = [line.split()[0] for line in told.stdout.splitlines()[2:]]
    assert [font.partition("+")[2] for font in fonts] == ["LiberationSans"]


def test_equal_figures_give_equal_bytes(figure, tmp_path):
    first, second, third = (printed.save(figure, tmp_path / name) for name in "abc")
    for files in zip(first, second, third, strict=True):
        assert len({path.read_bytes() for path in files}) == 1


def test_names_are_printed_as_they_are(figure, naughty):
    tree = ElementTree.fromstring(printed.svg(figure))
    texts = ["".join(element.itertext()) for element in tree.iter() if element.tag.endswith("text")]
    assert texts.count(naughty) >= 3  # in the legend, above a group, at an axis
    assert f"Data: {naughty}." in texts
    assert f"errors {naughty}" in texts
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_the_legend_stands_above_the_panels_and_nothing_leaves_the_figure(figure):
    tree = ElementTree.fromstring(printed.svg(figure))
    left, top, *size = map(float, tree.get("viewBox").split())
    assert left == top < 0  # a margin, which no line touches
    width, height = (length + 2 * left for length in size)
    panels = [element for element in tree if element.tag.endswith("svg")]
    legend = [
        float(text.get("y"))
        for text, entry in zip((e for e in tree if e.tag.endswith("text")), figure.series,
                               strict=False)
    ]  # fmt: skip
    assert len(panels) == 3
    assert max(legend) < min(float(panel.get("y")) for panel in panels)
    for panel in panels:
        assert float(panel.get("x")) + float(panel.get("width")) <= width + 1
        assert float(panel.get("y")) + float(panel.get("height")) <= height


def test_a_long_legend_is_broken_into_rows_and_a_long_note_into_lines(figure):
    long = Figure(figure.panels[:1], "word " * 200, list(figure.series) * 5)
    tree = ElementTree.fromstring(printed.svg(long))
    texts = [element for element in tree if element.tag.endswith("text")]
    assert len({text.get("y") for text in texts if text.get("font-size") == "12"}) > 3
    assert len([text for text in texts if text.get("font-size") == "9"]) > 5


def test_nothing_is_loaded_from_elsewhere(tmp_path):
    frame = pandas.DataFrame({"url": ["https://example.org/a.png"], "x": [1]})
    picture = alt.Chart(frame).mark_image().encode(x="x:Q", url="url:N")
    with pytest.raises(ValueError, match="not within its data"):
        printed.save(Figure([Panel("picture", picture)], ""), tmp_path / "figure")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_save_leaves_nothing_behind(figure, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.write_bytes", fail)
    with pytest.raises(StorageError, match="disk full"):
        printed.save(figure, tmp_path / "figure")
    assert list(tmp_path.iterdir()) == []


def test_a_control_character_is_drawn_as_an_escape(figure, tmp_path):
    """The drawing library would end the process."""
    odd = "a\x1b[31m\x00"
    titled = [replace(panel, title=odd) for panel in figure.panels]
    labelled = [replace(series, label=odd) for series in figure.series]
    changed = replace(figure, panels=titled, series=labelled, note=odd)
    assert len(printed.save(changed, tmp_path / "odd")) == 3
    assert printed.svg(changed).count(r"a\x1b[31m\x00") >= 5


def test_formulas_of_a_note_stay_on_one_line() -> None:
    note = " ".join(["words"] * 21 + ["n = 3,", "(p − d) / 2"] * 12)
    lines = printed._broken(note)
    assert len(lines) > 2
    assert " ".join(lines) == note
    assert not any(line.startswith(("=", "/", "−")) or line.endswith(("=", "/")) for line in lines)


@pytest.mark.parametrize(
    ("epochs", "labels"), [([0, 2], ["0", "1", "2"]), ([1, 1000], ["200", "1,000"])]
)
def test_what_is_counted_has_labels_at_whole_numbers(epochs, labels):
    frame = pandas.DataFrame({"epoch": epochs, "loss": [0.31, 0.57]})
    x = alt.X("epoch:Q", title=None, axis=whole_numbers())
    chart = alt.Chart(frame).mark_line().encode(x=x, y=alt.Y("loss:Q", axis=None))
    tree = ElementTree.fromstring(printed.svg(Figure([Panel("", chart)], "")))
    texts = ["".join(element.itertext()) for element in tree.iter() if element.tag.endswith("text")]
    shown = [text for text in texts if re.fullmatch(r"[\d.,]+", text)]
    assert set(labels) <= set(shown)
    assert sorted(set(shown)) == sorted(shown)
    assert not [text for text in shown if "." in text]
