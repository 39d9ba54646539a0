"""The figure of samples: what is on it, where, and how it is written."""

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
import torch
from PIL import Image

from nullfit.charts import style
from nullfit.charts.samples import SampleRow, draw_samples
from nullfit.errors import UserError

CLASSES = ("cat", "dog", "bird")


def row(label="true labels", shape=(1, 8, 8), n=4, new=None):
    images = torch.rand(n, *shape, generator=torch.Generator().manual_seed(0))
    true = torch.arange(n) % 3
    return SampleRow(label, images, true if new is None else torch.tensor(new), true)


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def bounds(figure):
    """Left, right, top and bottom of each picture, in inches."""
    return [np.array(image.get_extent())[[0, 1, 3, 2]] for image in figure.axes[0].images]


def test_a_picture_for_each_sample_and_the_name_of_each_row():
    figure = draw_samples([row(), row("shuffled pixels"), row("my own")], CLASSES)
    assert len(figure.axes[0].images) == 12
    assert texts(figure) == ["true labels", "shuffled pixels", "my own"]


def test_changed_labels_stand_under_their_pictures_as_true_and_new_class():
    figure = draw_samples([row(), row("random labels", new=[0, 0, 2, 2])], CLASSES)
    assert texts(figure) == ["true labels", "random labels", "dog → cat", "cat → bird"]
    caption = figure.axes[0].texts[2]
    left, right, _, bottom = bounds(figure)[5]
    assert caption.get_position()[0] == pytest.approx((left + right) / 2)
    assert caption.get_position()[1] > bottom


def test_long_class_names_take_two_lines_and_are_cut_to_fit():
    names = ("automobile", "ship", "a class with quite an extraordinarily long name")
    figure = draw_samples([row(new=[1, 1, 1, 2] * 3, n=12)], names)
    assert "automobile" in texts(figure)
    assert "→ ship" in texts(figure)
    assert any(text.startswith("→ a class") and text.endswith("…") for text in texts(figure))


@pytest.mark.parametrize("columns", [1, 3, 10, 25])
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 32), (3, 20, 30), (1, 300, 200)])
def test_nothing_overlaps_and_everything_lies_inside(shape, columns):
    rows = [row("true labels", shape, columns), row("random labels", shape, columns, [2] * columns)]
    figure = draw_samples([*rows, row("added noise", shape, columns)], CLASSES)
    width, height = figure.get_size_inches()
    boxes = [(*b[:2], *b[2:]) for b in bounds(figure)]
    for text in figure.axes[0].texts:
        x0, y0, x1, y1 = text.get_window_extent().extents / figure.dpi
        boxes.append((x0, x1, height - y1, height - y0))
    for i, (left, right, top, bottom) in enumerate(boxes):
        assert left >= 0
        assert top >= 0
        assert right <= width + 1e-6
        assert bottom <= height + 1e-6
        for other in boxes[:i]:
            assert left >= other[1] or other[0] >= right or top >= other[3] or other[2] >= bottom


def test_many_pictures_make_the_figure_wider_and_not_the_pictures_tiny():
    few, many = (draw_samples([row(n=n)], CLASSES, width=5.5) for n in (10, 40))
    assert few.get_size_inches()[0] == pytest.approx(5.5, rel=0.05)
    left, right, _, _ = bounds(many)[0]
    assert right - left > 0.35


def test_a_class_name_that_fits_in_small_print_is_not_cut():
    figure = draw_samples([row(new=[1] * 10, n=10)], ("airplane", "automobile", "ship"))
    assert "→ automobile" in texts(figure)


@pytest.mark.parametrize("side", [8, 28, 32])
def test_pixels_are_printed_equally_large_and_true_to_colour(side, tmp_path):
    sample = row(shape=(3, side, side), n=10)
    figure = draw_samples([sample], CLASSES)
    path = style.save(figure, tmp_path / "samples")[0]
    with Image.open(path) as file:
        printed = np.asarray(file.convert("RGB"))
    for image, extent in zip(sample.images, bounds(figure), strict=True):
        left, right, top, bottom = (round(inches * style.DPI) for inches in extent)
        times = (right - left) // side
        expected = image.permute(1, 2, 0).mul(255).round().byte().numpy()
        enlarged = expected.repeat(times, 0).repeat(times, 1)
        assert np.array_equal(printed[top:bottom, left:right], enlarged)


def test_values_outside_the_unit_interval_are_clipped_and_grey_is_drawn_as_grey():
    images = torch.tensor([-3.0, 0.0, 0.5, 7.0]).view(1, 1, 2, 2)
    label = torch.tensor([0])
    figure = draw_samples([SampleRow("gaussian", images, label, label)], CLASSES)
    shown = np.asarray(figure.axes[0].images[0].get_array())
    assert shown[::128, ::128].tolist() == [[[0] * 3] * 2, [[128] * 3, [255] * 3]]


def test_the_images_themselves_stay_as_they_are():
    sample = row()
    before = sample.images.clone()
    draw_samples([sample], CLASSES)
    assert torch.equal(sample.images, before)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "there is nothing to draw"),
        ([row(n=0)], "there is nothing to draw"),
        ([row(shape=(4, 8, 8))], r"images with 4 channels cannot be drawn; allowed are 1 \(grey\)"),
    ],
)
def test_what_cannot_be_drawn_is_refused(rows, message):
    with pytest.raises(UserError, match=message):
        draw_samples(rows, CLASSES)


def test_drawing_leaves_no_global_state_behind(tmp_path):
    before = dict(mpl.rcParams)
    style.save(draw_samples([row()], CLASSES), tmp_path / "samples")
    assert dict(mpl.rcParams) == before


def test_every_picture_of_a_named_row_has_its_label():
    figure = draw_samples([replace(row(new=[0, 0, 2, 2]), named=True)], CLASSES)
    assert texts(figure) == ["true labels", "cat", "dog → cat", "bird", "cat → bird"]
