"""What a table's network is to predict: a number, or one of several classes."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas
import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.data.sources.table_columns import is_categorical
from nullfit.errors import UserError

TableProblem = Literal["auto", "regression", "classification"]

_MOST_WHOLE_NUMBERS = 10  # different whole numbers that ``auto`` takes for classes
_MOST_CLASSES = 100


@dataclass(frozen=True)
class Target:
    """The predicted column: standardized numbers, or positions in ``classes`` (else empty)."""

    values: Float32[Tensor, " n"] | Int64[Tensor, " n"]
    classes: tuple[str, ...]


def read_target(column: pandas.Series, problem: TableProblem) -> Target:
    """Read the predicted column as ``data.problem`` says.

    ``auto``: text, true/false, and whole numbers of at most 10 different values are classes; other
    numbers are to be predicted as such. Numbers come out with mean 0 and standard deviation 1.

    Raises:
        UserError: the column never changes, is text where numbers are wanted, or has too many
            different values to be classes.
    """
    different = column.nunique()
    if different < 2:
        raise UserError(
            f"data.target={column.name} is {column.iloc[0]} in every row: there is nothing to "
            "predict. Choose another column."
        )
    if _is_regression(column, problem):
        numbers = column.to_numpy(np.float64)
        standardized = (numbers - numbers.mean()) / numbers.std()
        return Target(torch.from_numpy(standardized.astype(np.float32)), ())
    if different > min(_MOST_CLASSES, len(column) // 2):
        raise UserError(
            f"data.target={column.name} has {different} different values in {len(column)} rows, "
            "too many for classes.\n"
            "Choose another column, or data.problem=regression if they are numbers."
        )
    names, positions = np.unique(column.to_numpy(), return_inverse=True)
    return Target(torch.from_numpy(positions.astype(np.int64)), tuple(map(str, names)))


def _is_regression(column: pandas.Series, problem: TableProblem) -> bool:
    if problem == "regression" and is_categorical(column):
        raise UserError(
            f"data.problem=regression needs numbers; data.target={column.name} holds "
            f"{column.iloc[0]!r}. Choose data.problem=classification or auto."
        )
    if problem != "auto":
        return problem == "regression"
    whole = is_categorical(column) or pandas.api.types.is_integer_dtype(column)
    few = is_categorical(column) or column.nunique() <= _MOST_WHOLE_NUMBERS
    return not (whole and few)
