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
    """The predicted column: standardized numbers, or positions in ``classes`` (else empty).

    ``reason`` says why it is read as the one or the other.
    """

    values: Float32[Tensor, " n"] | Int64[Tensor, " n"]
    classes: tuple[str, ...]
    reason: str


def read_target(column: pandas.Series, problem: TableProblem) -> Target:
    """Read the predicted column as ``data.problem`` says.

    ``auto``: text, true/false, and whole numbers of at most 10 different values (1.0 is one) are
    classes; other numbers are to be predicted as such. Numbers come out with mean 0 and standard
    deviation 1.

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
    _refuse_no_numbers(column, problem)
    reason = _reason(column, different) if problem == "auto" else f"data.problem={problem}"
    if _is_regression(column, different, problem):
        numbers = column.to_numpy(np.float64)
        standardized = (numbers - numbers.mean()) / numbers.std()
        return Target(torch.from_numpy(standardized.astype(np.float32)), (), reason)
    if not may_be_classes(different, len(column)):
        raise UserError(
            f"data.target={column.name} has {different} different values in {len(column)} rows, "
            "too many for classes.\n"
            "Choose another column, or task=permutation_test data.problem=regression if they are "
            "numbers."
        )
    values = column.astype(np.int64) if _is_whole(column) else column
    names, positions = np.unique(values.to_numpy(), return_inverse=True)
    return Target(torch.from_numpy(positions.astype(np.int64)), tuple(map(str, names)), reason)


def may_be_classes(different: int, rows: int) -> bool:
    """Whether so many different values in so many rows can be classes."""
    return different <= min(_MOST_CLASSES, rows // 2)


def _refuse_no_numbers(column: pandas.Series, problem: TableProblem) -> None:
    if problem == "regression" and is_categorical(column):
        raise UserError(
            f"data.problem=regression needs numbers; data.target={column.name} holds "
            f"{column.iloc[0]!r}. Choose data.problem=classification or auto."
        )


def _is_regression(column: pandas.Series, different: int, problem: TableProblem) -> bool:
    if problem != "auto":
        return problem == "regression"
    few = _is_whole(column) and different <= _MOST_WHOLE_NUMBERS
    return not (is_categorical(column) or few)


def _is_whole(column: pandas.Series) -> bool:
    """Whether it holds whole numbers, be they written 1 or 1.0, which fit 64 bits."""
    if is_categorical(column) or pandas.api.types.is_integer_dtype(column):
        return not is_categorical(column)
    numbers = column.to_numpy(np.float64)
    return bool(np.all((numbers == np.round(numbers)) & (np.abs(numbers) < 2**53)))


def _reason(column: pandas.Series, different: int) -> str:
    """What of the column decides where ``data.problem`` is auto."""
    if is_categorical(column):
        return "true and false" if pandas.api.types.is_bool_dtype(column) else "text"
    if _is_whole(column):
        than = "at most" if different <= _MOST_WHOLE_NUMBERS else "more than"
        return f"{different} different whole numbers, {than} {_MOST_WHOLE_NUMBERS}"
    return f"{different} different numbers that are not whole"
