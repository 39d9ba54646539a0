"""The columns of a table as inputs of a network: numbers standardized, categories one-hot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas
import torch
from jaxtyping import Float32, Float64, Int64
from torch import Tensor

from nullfit.errors import UserError, override

_MOST_LEVELS = 50
_FEW_NUMBERS = 10  # different ones, which may well be names of categories


@dataclass(frozen=True)
class Column:
    """One column of the file and the inputs it became.

    ``levels`` are the categories in order, empty for numbers. ``positions`` are its inputs: one for
    a number and for a category of two levels, else one for each level.
    """

    name: str
    levels: tuple[str, ...]
    positions: Int64[Tensor, " p"]


def encode_columns(
    frame: pandas.DataFrame, categorical: Sequence[str], fitted_on: Int64[Tensor, " k"]
) -> tuple[Float32[Tensor, "n d"], tuple[Column, ...]]:
    """All columns of ``frame`` as inputs, in the file's order; its index has the file's lines.

    Numbers have mean 0 and standard deviation 1 over the rows ``fitted_on``. So has a category of
    two levels (true/false), which one input tells; of more levels each is an input of 0 and 1.

    Raises:
        UserError: a category has so many levels that it is rather an identifier, or a name in
            ``categorical`` is no column.
    """
    unknown = [name for name in categorical if name not in frame.columns]
    if unknown:
        raise UserError(f"data.categorical={unknown[0]}: the inputs have no such column.")
    blocks: list[Float64[np.ndarray, "n p"]] = []
    columns = []
    start = 0
    for name in frame.columns:
        block, levels = _block(frame[name], name in categorical, fitted_on.numpy())
        blocks.append(block)
        columns.append(Column(name, levels, torch.arange(start, start + block.shape[1])))
        start += block.shape[1]
    return torch.from_numpy(np.hstack(blocks).astype(np.float32)), tuple(columns)


def is_categorical(values: pandas.Series) -> bool:
    """Whether a column names things instead of counting or measuring: text, true and false."""
    return not pandas.api.types.is_numeric_dtype(values) or pandas.api.types.is_bool_dtype(values)


def _block(
    values: pandas.Series,
    named_categorical: bool,
    fitted_on: Int64[np.ndarray, " k"],
) -> tuple[Float64[np.ndarray, "n p"], tuple[str, ...]]:
    if not (named_categorical or is_categorical(values)):
        return _standardized(values.to_numpy(np.float64), fitted_on)[:, None], ()
    text = values.astype(str)
    levels = tuple(sorted(text.unique()))
    if not named_categorical:
        _refuse_few_texts_among_numbers(text)
    if not _may_be_levels(text):
        raise UserError(
            f"column {values.name} has {len(levels)} different texts in {len(values)} rows; up to "
            f"{min(_MOST_LEVELS, len(values) // 2)} are taken for categories.\nIf it is an "
            f"identifier, leave it out: {override('data.drop', [str(values.name)])}."
        )
    one_hot = (text.to_numpy(str)[:, None] == np.array(levels)).astype(np.float64)
    if len(levels) == 2:
        return _standardized(one_hot[:, 1], fitted_on)[:, None], levels
    return one_hot, levels


def _refuse_few_texts_among_numbers(values: pandas.Series) -> None:
    """Name the texts that make a column of many numbers one of categories."""
    numbers = pandas.to_numeric(values.str.replace(",", ".", regex=False), errors="coerce")
    text = values[numbers.isna()]
    if len(text) and len(text) < len(values) / 5 and numbers.nunique() > _FEW_NUMBERS:
        words = sorted(text.unique())[:3]
        names = override("data.categorical", [str(values.name)])
        or_names = f"; if all of them are names, {names}" if _may_be_levels(values) else ""
        raise UserError(
            f"column {values.name} is of numbers, but for {len(text)} of {len(values)} values, "
            f"e.g. {text.iloc[0]!r} in line {text.index[0]}.\n"
            f"If that says that a value is missing, add {override('data.missing', words)}"
            f"{or_names}; or mend them."
        )


def _may_be_levels(values: pandas.Series) -> bool:
    return len(values.unique()) <= min(_MOST_LEVELS, len(values) // 2)


def _standardized(
    values: Float64[np.ndarray, " n"],
    fitted_on: Int64[np.ndarray, " k"],
) -> Float64[np.ndarray, " n"]:
    """Mean 0, standard deviation 1 over some rows; where those are all alike, only shifted."""
    scale = float(values[fitted_on].std())
    centred: Float64[np.ndarray, " n"] = values - values[fitted_on].mean()
    return centred / scale if scale > 0 else centred
