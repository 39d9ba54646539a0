"""Columns of a table that tell each other completely: a length in metres and in centimetres."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from scipy.stats import rankdata

from nullfit.data.sources.table_data import Table

_CORRELATION = 0.9999  # from here on what is left is rounding


def same_inputs(table: Table) -> tuple[tuple[str, ...], ...]:
    """Groups of columns, by name, of which each tells all others of its group.

    Columns are one-to-one if each value of one goes with one value of the other, and values occur
    more than once on average. Numbers tell each other too if they or their ranks have a correlation
    of 1 or -1, up to rounding.
    """
    blocks = [table.inputs[:, column.positions].double().numpy() for column in table.columns]
    group = np.arange(len(blocks))
    known: dict[bytes, int] = {}
    for place, block in enumerate(blocks):
        codes = _by_appearance(block)
        if 2 * (codes.max() + 1) <= len(codes):
            group[place] = known.setdefault(codes.tobytes(), place)
    numbers = [place for place, column in enumerate(table.columns) if not column.levels]
    for first, second in _correlated([blocks[place][:, 0] for place in numbers]):
        group[group == group[numbers[second]]] = group[numbers[first]]
    names = [column.name for column in table.columns]
    found = [np.flatnonzero(group == each) for each in dict.fromkeys(group.tolist())]
    return tuple(tuple(names[place] for place in each) for each in found if len(each) > 1)


def _by_appearance(block: Float64[ndarray, "n p"]) -> Int64[ndarray, " n"]:
    """Different values numbered as they appear, which no relabelling changes.

    A block is one input, or one for each level of a category.
    """
    values = block[:, 0] if block.shape[1] == 1 else block.argmax(axis=1)
    _, first, codes = np.unique(values, return_index=True, return_inverse=True)
    numbers = np.empty(len(first), dtype=np.int64)
    numbers[np.argsort(first)] = np.arange(len(first))
    return numbers[codes]


def _correlated(columns: Sequence[Float64[ndarray, " n"]]) -> list[tuple[int, int]]:
    if len(columns) < 2:
        return []
    values = np.stack(columns)
    with np.errstate(invalid="ignore"):  # a column that never changes among the first rows
        linear = np.abs(np.corrcoef(values))
        monotone = np.abs(np.corrcoef(rankdata(values, axis=1)))
    pairs = np.argwhere(np.triu(np.maximum(linear, monotone) >= _CORRELATION, k=1))
    return [(int(first), int(second)) for first, second in pairs]
