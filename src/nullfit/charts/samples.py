"""A figure of samples, one row for each corruption, as it would stand in a paper."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor

from nullfit.charts import style
from nullfit.charts.appearance import FAINT, INK
from nullfit.charts.theme import DPI, TEXT_WIDTH
from nullfit.errors import UserError

# All lengths are in inches of the printed figure, whole pixels at 300 dpi.
_MARGIN = 0.03
_LABEL_GAP = 0.09  # from the name of a row to its first picture
_GAP = 0.04  # between pictures
_LINE = 0.09  # from one baseline of a caption to the next, and from a picture to the first
_SMALLEST_PICTURE, _LARGEST_PICTURE = 0.38, 0.62
_LABEL_SIZE, _CAPTION_SIZE, _SMALLEST_CAPTION = 8.0, 6.0, 4.5  # points


@dataclass(frozen=True)
class SampleRow:
    """Some samples under one corruption: ``label``. ``true_labels`` are those before it.

    ``named`` says that a label stands under its picture where it did not change, too. Below it
    stands what a network ``took`` the sample for, where that is no -1.
    """

    label: str
    images: Float32[Tensor, "n c h w"]
    labels: Int64[Tensor, " n"]
    true_labels: Int64[Tensor, " n"]
    named: bool = False
    took: Int64[Tensor, " n"] | None = None


@dataclass(frozen=True)
class _Layout:
    """Where things stand: a column of row names, then ``columns`` pictures a row."""

    label_width: float
    picture: float
    columns: int

    def left(self, column: int) -> float:
        return self.label_width + column * (self.picture + _GAP)

    @property
    def width(self) -> float:
        return self.left(self.columns) - _GAP + _MARGIN


def draw_samples(
    rows: Sequence[SampleRow], classes: Sequence[str], width: float = TEXT_WIDTH
) -> Figure:
    """A figure, about ``width`` inches wide, with a row of pictures for each corruption.

    Where a label changed, the true and the new class stand under the picture. Values outside
    [0, 1] are clipped for display. Images have one channel (grey) or three (red, green, blue).
    With so many pictures that they would become too small, the figure grows wider.

    Raises:
        UserError: there are no samples, or the images are neither grey nor colour.
    """
    _check(rows)
    with style.applied("".join([*classes, *(row.label for row in rows)])):
        figure = Figure(figsize=(width, width), dpi=DPI)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        layout = _layout(rows, axes, width)
        top = _MARGIN
        for row in rows:
            top = _draw_row(row, classes, axes, layout, top)
        bottom = top - _GAP + _MARGIN
        figure.set_size_inches(layout.width, bottom)
        axes.set_xlim(0, layout.width)
        axes.set_ylim(bottom, 0)
    return figure


def _check(rows: Sequence[SampleRow]) -> None:
    if not rows or any(len(row.labels) == 0 for row in rows):
        raise UserError("samples: there is nothing to draw; ask for one corruption and one sample.")
    for row in rows:
        channels = row.images.shape[1]
        if channels not in (1, 3):
            raise UserError(
                f"samples: images with {channels} channels cannot be drawn; allowed are 1 (grey) "
                "and 3 (red, green, blue)."
            )


def _layout(rows: Sequence[SampleRow], axes: Axes, width: float) -> _Layout:
    names = [row.label for row in rows]
    widest = max(_width(name, _LABEL_SIZE, axes) for name in names)
    label_width = math.ceil((_MARGIN + widest + _LABEL_GAP) * DPI) / DPI
    columns = max(len(row.labels) for row in rows)
    room = (width - label_width - _MARGIN + _GAP) / columns - _GAP
    side = max(rows[0].images.shape[2:])
    picture = _sharp(min(max(room, _SMALLEST_PICTURE), _LARGEST_PICTURE), side)
    return _Layout(label_width, picture, columns)


def _sharp(picture: float, side: int) -> float:
    """The size nearest to ``picture`` at which all image pixels become equally large in print."""
    magnification = round(picture * DPI / side)
    return magnification * side / DPI if magnification > 1 else picture


def _width(text: str, size: float, axes: Axes) -> float:
    """The width of a text as it will be drawn."""
    drawn = axes.text(0, 0, text, fontsize=size)
    width: float = drawn.get_window_extent().width
    drawn.remove()
    return width / DPI


def _draw_row(
    row: SampleRow, classes: Sequence[str], axes: Axes, layout: _Layout, top: float
) -> float:
    """Draw a row from ``top`` down and return where the next one begins."""
    axes.text(
        layout.label_width - _LABEL_GAP,
        top + layout.picture / 2,
        row.label,
        ha="right",
        va="center_baseline",
        fontsize=_LABEL_SIZE,
    )
    captions = []
    for column, image in enumerate(row.images):
        left = layout.left(column)
        _draw_picture(image, axes, left, top, layout.picture)
        true, new = int(row.true_labels[column]), int(row.labels[column])
        if true != new or row.named:
            before = style.literal(classes[true]) if true != new else None
            center = left + layout.picture / 2
            other = -1 if row.took is None else int(row.took[column])
            took = style.literal(classes[other]) if other >= 0 else None
            captions.append(_Caption(center, before, style.literal(classes[new]), took))
    bottom = top + layout.picture
    return bottom + _draw_captions(captions, axes, layout.picture + _GAP / 2, bottom) + _GAP


def _draw_picture(
    image: Float32[Tensor, "c h w"], axes: Axes, left: float, top: float, size: float
) -> None:
    height, width = image.shape[1:]
    pixels = image.clamp(0, 1).permute(1, 2, 0).mul(255).round().byte().cpu().numpy()
    # Drawn larger than life: some PDF viewers would blur pixels that they enlarge themselves.
    enlarged = pixels.repeat(max(1, 256 // height), 0).repeat(max(1, 256 // width), 1)
    scale = size / max(height, width)
    x, y = left + (size - width * scale) / 2, top + (size - height * scale) / 2
    axes.imshow(
        np.broadcast_to(enlarged, (*enlarged.shape[:2], 3)),
        extent=(x, x + width * scale, y + height * scale, y),
        interpolation="none",
        aspect="auto",
    )


@dataclass(frozen=True)
class _Caption:
    """The true class, where it is another, and the new one, under the picture at ``center``.

    Below them stands what a network ``took`` it for.
    """

    center: float
    true: str | None
    new: str
    took: str | None = None

    def lines(self, most: int) -> list[tuple[str, str]]:
        """The text, classes in at most so many lines, each with its colour."""
        below = [] if self.took is None else [(f"as {self.took}", FAINT)]
        if self.true is None:
            return [(self.new, INK), *below]
        if most == 1:
            return [(f"{self.true} → {self.new}", INK), *below]
        return [(self.true, FAINT), (f"→ {self.new}", INK), *below]


def _draw_captions(captions: Sequence[_Caption], axes: Axes, room: float, bottom: float) -> float:
    """Write "true → new" under pictures, in two lines if one is too narrow, and what the sample
    was taken for; return the height.
    """
    if not captions:
        return 0.0
    lines = [caption.lines(1) for caption in captions]
    if max(_width(line, _CAPTION_SIZE, axes) for (line, _), *_ in lines) > room:
        lines = [caption.lines(2) for caption in captions]
    size = _CAPTION_SIZE
    while size > _SMALLEST_CAPTION and any(
        _width(line, size, axes) > room for own in lines for line, _ in own
    ):
        size -= 0.25
    for caption, own in zip(captions, lines, strict=True):
        for number, (line, color) in enumerate(own, start=1):
            # Baselines, not tops: letters of neighbouring captions stand on one line.
            axes.text(
                caption.center,
                bottom + number * _LINE,
                _shortened(line, size, room, axes),
                ha="center",
                va="baseline",
                fontsize=size,
                color=color,
            )
    return max(map(len, lines)) * _LINE + _GAP


def _shortened(line: str, size: float, room: float, axes: Axes) -> str:
    """The line, cut with an ellipsis if it is too wide."""
    kept = len(line)
    shown = line
    while kept > 1 and _width(shown, size, axes) > room:
        kept -= 1
        shown = line[:kept] + "…"
    return shown
