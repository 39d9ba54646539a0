"""Shapes and types of arrays are checked while tests run; other functions stay as they are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.shapes import has_arrays

import pytest
import torch
from jaxtyping import Float, TypeCheckError
from torch import Tensor

from nullfit.console import messages
from nullfit.losses import cross_entropy

Row = Float[Tensor, " n"]


@dataclass
class Held:
    row: Row


class Heir(Held):
    pass


class Methods:
    @property
    def row(self) -> Row:
        return torch.zeros(1)

    @classmethod
    def of(cls, rows: list[Row]) -> None: ...

    @property
    def number(self) -> int:
        return 1


def within(rows: Iterator[tuple[int, Row | None]]) -> None: ...
def called(make: Callable[[Row], int]) -> None: ...
def read_later(row: "Row") -> None: ...
def of_numbers(n: int, *names: str) -> dict[str, list[float]]:
    return {name: [n] for name in names}


@pytest.mark.parametrize(
    "thing",
    [Held, Heir, vars(Methods)["row"], vars(Methods)["of"], within, called, read_later],
)
def test_arrays_are_found(thing: object) -> None:
    assert has_arrays(thing)


@pytest.mark.parametrize("thing", [of_numbers, Methods, vars(Methods)["number"]])
def test_where_there_are_none_none_is_found(thing: object) -> None:
    assert not has_arrays(thing)


def test_a_wrong_shape_is_refused() -> None:
    with pytest.raises(TypeCheckError):
        cross_entropy(torch.zeros(3), torch.zeros(2, dtype=torch.int64))  # type: ignore[arg-type]


def test_what_takes_no_array_is_called_as_it_is() -> None:
    assert not hasattr(messages.visible, "__wrapped__")
