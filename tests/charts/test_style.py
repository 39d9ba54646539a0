"""How pictures of samples are written."""

import pytest
from matplotlib.figure import Figure
from PIL import Image

from nullfit.charts import style
from nullfit.errors import StorageError


def figure():
    with style.applied():
        made = Figure(figsize=(2, 1))
        made.add_axes((0.2, 0.2, 0.7, 0.7)).plot([0, 1], [0, 1])
        made.text(0.1, 0.1, "epoch")
    return made


def test_figures_are_written_as_png_and_pdf_and_a_dot_in_the_name_stays(tmp_path):
    paths = style.save(figure(), tmp_path / "new" / "probability0.5")
    assert [path.name for path in paths] == ["probability0.5.png", "probability0.5.pdf"]
    assert sorted(paths[0].parent.iterdir()) == sorted(paths)
    with Image.open(paths[0]) as printed:
        assert printed.size == (600, 300)
    pdf = paths[1].read_bytes()
    assert pdf.startswith(b"%PDF")
    assert b"/Type3" not in pdf
    assert b"/FontFile2" in pdf  # the embedded TrueType program


def test_equal_figures_give_equal_bytes(tmp_path):
    first, second = (style.save(figure(), tmp_path / name) for name in ("a", "b"))
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_a_failed_save_leaves_nothing_behind(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("disk full")

    made = figure()
    monkeypatch.setattr(made, "savefig", fail)
    with pytest.raises(StorageError, match="disk full"):
        style.save(made, tmp_path / "figure")
    assert list(tmp_path.iterdir()) == []
