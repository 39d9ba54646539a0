"""``task=show``: a picture of what each corruption does."""

from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Len
from pydantic import BaseModel, ConfigDict

from nullfit import assembly
from nullfit.charts.samples import draw_samples
from nullfit.charts.style import save
from nullfit.config.schema import RunConfig
from nullfit.console.messages import name_files
from nullfit.report.samples import sample_rows


class ShowSettings(BaseModel):
    """What the picture shows."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    corruptions: Annotated[list[str], Len(1)]
    samples: Annotated[int, Ge(1)]


def show(config: RunConfig, folder: Path, *, show: ShowSettings) -> None:
    """Write rows of training samples, one row under each corruption, as PNG and PDF.

    The samples are what a run with this seed trains on, before whitening. The corruption chosen by
    ``corruption=…`` is drawn with its settings, the others with those of their YAML files.

    Raises:
        UserError: a corruption does not exist or cannot be applied to these images.
    """
    rows = sample_rows(config, show.corruptions, show.samples)
    classes = assembly.load_dataset(config).train.classes
    name_files(save(draw_samples(rows, classes), folder / "samples"))
