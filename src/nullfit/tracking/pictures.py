"""Pictures as W&B takes them: Pillow images."""

import io
from typing import TYPE_CHECKING, Any

from nullfit.data.randomized_data import Split

if TYPE_CHECKING:
    from nullfit.charts.figure import Figure

_DPI = 150


def picture_of_samples(corruption: str, examples: Split, classes: tuple[str, ...]) -> Any:
    """One row of samples, as ``task=show`` draws it: a Pillow image."""
    from PIL import Image  # noqa: PLC0415

    from nullfit.charts.samples import SampleRow, draw_samples  # noqa: PLC0415
    from nullfit.charts.style import applied  # noqa: PLC0415

    row = SampleRow(corruption, examples.images, examples.labels, examples.true_labels)
    file = io.BytesIO()
    with applied("".join([corruption, *classes])):
        draw_samples([row], classes).savefig(file, format="png", dpi=_DPI)
    return Image.open(file)


def picture_of(figure: "Figure") -> Any:
    """A figure as a Pillow image."""
    from PIL import Image  # noqa: PLC0415

    from nullfit.charts.printed import png  # noqa: PLC0415

    return Image.open(io.BytesIO(png(figure, _DPI)))
