"""What a corruption declares beside its function: what it changes, and what it has to know."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from nullfit.errors import UserError, nearest

PARTS = ("labels", "images", "entries")
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Declaration:
    """The parts of the data that a corruption changes, and whether it needs `Origin.moments`."""

    changes: frozenset[str]
    needs_moments: bool


def changes(*parts: str, needs_moments: bool = False) -> Callable[[Function], Function]:
    """Declare what a corruption changes: ``@changes("images")`` above its function.

    - ``"labels"``: all of them at once, whatever the images are;
    - ``"images"``: each by itself, whatever the others are;
    - ``"labels", "images"``: it must see all samples at once, so that these cannot be streamed;
    - ``"entries"``: those of a matrix, see `nullfit.corruptions.corrupted_entries`;
    - nothing at all: the data stay as they are, whatever they are.

    ``needs_moments`` says that it reads mean or standard deviation of its ``origin``, which take a
    pass over the training images to measure. A corruption that declares nothing is tried out on
    two samples, and the moments are measured for it.

    Raises:
        UserError: there is no such part.
    """
    for part in parts:
        if part not in PARTS:
            raise UserError(f'@changes("{part}") is not allowed.' + nearest(part, PARTS))
    declaration = Declaration(frozenset(parts), needs_moments)

    def declare(function: Function) -> Function:
        vars(function)["declaration"] = declaration
        return function

    return declare


def declared(corruption: object) -> Declaration | None:
    """What a corruption declares, with its settings filled in (`partial`) or not; None: nothing."""
    while isinstance(corruption, partial):
        corruption = corruption.func
    found = getattr(corruption, "declaration", None)
    return found if isinstance(found, Declaration) else None
