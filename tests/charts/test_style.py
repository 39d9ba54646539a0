"""The looks of corruptions, and how figures are written."""

from itertools import combinations
from pathlib import Path

import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from nullfit.charts import style
from nullfit.errors import StorageError

OPTIONS = sorted(path.stem for path in Path("conf/corruption").glob("*.yaml"))
STUDY = ["none", "random_labels", "shuffled_pixels", "random_pixels", "gaussian"]


def figure():
    with style.applied():
        made = Figure(figsize=(2, 1))
        made.add_axes((0.2, 0.2, 0.7, 0.7)).plot([0, 1], [0, 1], **style.look("gaussian").line())
        made.text(0.1, 0.1, "epoch")
    return made


def test_every_corruption_has_a_look_of_its_own():
    looks = [style.look(name) for name in OPTIONS]
    for kind in ("label", "color", "marker"):
        assert len({getattr(look, kind) for look in looks}) == len(OPTIONS)
    assert style.look("none").label == "true labels"


@pytest.mark.parametrize(("first", "second"), list(combinations(OPTIONS, 2)))
def test_any_two_are_told_apart_without_colour(first, second):
    one, other = style.look(first), style.look(second)
    assert one.marker != other.marker
    if first in STUDY and second in STUDY:
        assert one.linestyle != other.linestyle


# Viénot, Brettel and Mollon (1999): what is left of linear RGB without one kind of cone.
DICHROMACY = {
    "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


@pytest.mark.parametrize("matrix", DICHROMACY.values(), ids=DICHROMACY.keys())
@pytest.mark.parametrize(("first", "second"), list(combinations(STUDY, 2)))
def test_the_colours_of_the_study_are_told_apart_by_the_colour_blind(first, second, matrix):
    def seen(name):
        linear = [c**2.2 for c in to_rgb(style.look(name).color)]
        return [
            max(0.0, sum(m * c for m, c in zip(row, linear, strict=True))) ** (1 / 2.2)
            for row in matrix
        ]

    difference = sum((a - b) ** 2 for a, b in zip(seen(first), seen(second), strict=True)) ** 0.5
    assert difference > 0.2


def test_a_users_own_corruption_gets_a_stable_look_and_its_name_in_words():
    look = style.look("half_grey")
    assert look.label == "half grey"
    assert look == style.Look("half grey", "#117733", (0, (1.2, 1.2)), "8")
    assert look.marker not in {style.look(name).marker for name in OPTIONS}


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
