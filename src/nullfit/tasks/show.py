"""``task=show``: a picture of what each corruption does."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Len
from pydantic import BaseModel, ConfigDict

from nullfit import assembly
from nullfit.config.corruptions import corruption_seed, corruption_steps, named_step
from nullfit.config.schema import RunConfig
from nullfit.console import name_files
from nullfit.corruptions.corruption import Origin
from nullfit.data.corrupt import Step, corrupt
from nullfit.data.crop import center_crop
from nullfit.data.subset import one_of_each_class
from nullfit.plots.samples import SampleRow, draw_samples
from nullfit.plots.style import save


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


def sample_rows(config: RunConfig, corruptions: Sequence[str], samples: int) -> list[SampleRow]:
    """The first samples of the classes in turn, under each corruption."""
    dataset = assembly.load_dataset(config)
    train = dataset.train
    if config.data.crop is not None:
        train = replace(train, images=center_crop(train.tensor, config.data.crop))
    images, labels = train.unit_images(), train.labels
    origin = replace(Origin.of(images, labels), classes=len(train.classes), places=train.places)
    seed = corruption_seed(config)
    chosen = one_of_each_class(labels, samples)
    rows = []
    for name, steps in _rows(config, corruptions):
        after = corrupt(images, labels, steps, seed, "train", origin)
        rows.append(SampleRow(name, after.images[chosen], after.labels[chosen], labels[chosen]))
    return rows


def _rows(config: RunConfig, corruptions: Sequence[str]) -> list[tuple[str, list[Step]]]:
    own = config.corruption.name
    names = list(corruptions) if own in (*corruptions, "none") else [*corruptions, own]
    return [
        (
            name,
            corruption_steps(config) if name == own else [named_step(config, name)],
        )
        for name in names
    ]
