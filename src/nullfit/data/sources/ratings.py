"""`data=ratings`: a matrix of ratings from a CSV file, or generated."""

from pathlib import Path
from typing import Literal

from nullfit.data.rating_matrix import RatingMatrix
from nullfit.data.sources.generated_ratings import generated_ratings
from nullfit.ranges import NonNegative, NonNegativeInt, PositiveInt, PositiveShare
from nullfit.system.files import at_home


def ratings(
    *,
    path: str | None,
    header: bool,
    index: bool,
    rows: PositiveInt,
    columns: PositiveInt,
    rank: PositiveInt,
    noise: NonNegative,
    observed: PositiveShare,
    seed: NonNegativeInt,
    # Configurations of runs from before there were these have none.
    layout: Literal["matrix", "list"] | None = None,
    separator: str | None = None,
    decimal: Literal[".", ","] | None = None,
    encoding: str | None = None,
) -> RatingMatrix:
    """The ratings in the file at ``path``; without one, a generated matrix of known rank.

    Raises:
        UserError: the file cannot be read, or there are too few observed entries.
    """
    if path is None:
        return generated_ratings(rows, columns, rank, noise, observed, seed)
    from nullfit.data.sources.ratings_file import read_ratings  # noqa: PLC0415 (pandas takes its time)

    return read_ratings(
        Path(at_home(path)),
        header,
        index,
        layout=layout,
        separator=separator,
        decimal=decimal,
        encoding=encoding,
    )
