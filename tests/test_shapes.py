"""Shapes and types of arrays are checked while tests run; other functions stay as they are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.shapes import has_arrays, once_for_each_kind

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


def test_a_wrong_shape_or_type_is_refused_after_a_right_one() -> None:
    logits, labels = torch.zeros(3, 2), torch.zeros(3, dtype=torch.int64)
    for _ in range(2):
        cross_entropy(logits, labels)
    for wrong in ((logits, labels[:2]), (logits[0], labels), (logits, labels.double())):
        with pytest.raises(TypeCheckError):
            cross_entropy(*wrong)


def test_arguments_of_a_kind_are_checked_once_and_what_holds_others_always() -> None:
    checks = []

    def function(*rows: object) -> None: ...
    def checked(*rows: object) -> None:
        checks.append(rows)

    call = once_for_each_kind(function, checked)
    row = torch.zeros(2)
    for arguments in ((row, 1), (row + 1, 2), (row[:1], 1), (row, 1.0), ((row, None),)):
        call(*arguments)
    assert len(checks) == 4
    call((row, None))
    assert len(checks) == 4
    for _ in range(2):
        call([row])
    assert len(checks) == 6


def test_what_takes_no_array_is_called_as_it_is() -> None:
    assert not hasattr(messages.visible, "__wrapped__")
