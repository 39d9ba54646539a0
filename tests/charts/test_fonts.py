"""Names in scripts that the shipped fonts lack: found in another font, or told in a line."""

from types import SimpleNamespace
from typing import Any

import altair as alt
import pandas
import pytest
import torch

from nullfit.charts import fonts, printed, style
from nullfit.charts.figure import Figure, Panel
from nullfit.charts.samples import SampleRow, draw_samples


@pytest.fixture(autouse=True)
def fresh() -> None:
    for cached in (fonts._fallback, fonts._letters_of, fonts._tell):
        cached.cache_clear()


def installed(monkeypatch: Any, **having: str) -> None:
    """As if only these fonts were installed beside the shipped one, with such letters."""
    listed = [SimpleNamespace(name=name, fname=name) for name in having]
    monkeypatch.setattr(
        "matplotlib.font_manager.fontManager", SimpleNamespace(ttflist=listed), raising=True
    )
    monkeypatch.setattr(fonts, "_letters_of", lambda file: frozenset(having.get(file, "")))


def test_a_font_that_has_the_letters_follows_the_shipped_one(monkeypatch: Any, capsys: Any) -> None:
    installed(monkeypatch, Some="价", Most="价格", Other="ม")
    assert fonts.families("größe") == [fonts.SHIPPED]
    assert fonts.families("größe ≤ 价格") == [fonts.SHIPPED, "Most"]
    assert fonts.families("价格 มา") == [fonts.SHIPPED, "Most", "Other"]
    told = capsys.readouterr().err
    assert told.startswith("nullfit: no installed font has า: boxes")
    assert len(told.splitlines()) == 1
    fonts.families("价格 มา")
    assert capsys.readouterr().err == ""


def test_pictures_of_such_classes_are_drawn_with_a_line(capsys: Any, tmp_path: Any) -> None:
    classes = ("价", "格")
    images = torch.zeros(2, 1, 8, 8)
    labels = torch.tensor([0, 1])
    row = SampleRow("random labels", images, labels, 1 - labels)
    style.save(draw_samples([row], classes), tmp_path / "samples")
    assert len(capsys.readouterr().err.splitlines()) <= 1


def test_a_printed_figure_tells_what_it_lacks(monkeypatch: Any, capsys: Any, tmp_path: Any) -> None:
    installed(monkeypatch)
    frame = pandas.DataFrame({"feature": ["价格"], "value": [1.0]})
    chart = alt.Chart(frame).mark_point().encode(x="value:Q", y="feature:N")
    printed.save(Figure([Panel("statistic", alt.layer(chart))], "Data."), tmp_path / "x")
    told = capsys.readouterr().err
    assert told.startswith("nullfit: no installed font has 价 格: boxes stand for them")
