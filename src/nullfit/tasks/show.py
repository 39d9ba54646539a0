"""``task=show``: a picture of what each corruption does."""

from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Len
from pydantic import BaseModel, ConfigDict

from nullfit.config.schema import RunConfig
from nullfit.console import name_files
from nullfit.errors import UserError


class ShowSettings(BaseModel):
    """What the picture shows."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    corruptions: Annotated[list[str], Len(1)]
    samples: Annotated[int, Ge(1)]


def show(config: RunConfig, folder: Path, *, show: ShowSettings) -> None:
    """Write rows of training samples, one row under each corruption, as PNG and PDF."""
    raise UserError("not yet")
