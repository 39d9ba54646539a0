"""Types of settings that are lists."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else value


def _as_names(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


# One number is a list of one.
AS_NUMBERS = BeforeValidator(_as_list, json_schema_input_type=float | list[float])


def distinct(values: list[Any]) -> list[Any]:
    """Refuse a list that names one thing twice."""
    if len(set(values)) < len(values):
        raise PydanticCustomError("distinct", "it must name each one once")
    return values


def of_two_groups(groups: list[list[int]]) -> list[list[int]]:
    """Refuse what is no two groups of classes without a class in both."""
    if len(groups) != 2 or not all(groups):
        raise PydanticCustomError("two_groups", "it must be two lists of classes")
    distinct([number for group in groups for number in group])
    return groups


NameOfLayer = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_0-9]+(\.[A-Za-z_0-9]+)*$")]
# Beginnings of the names of modules or weights, up to a point, e.g. hidden.1, or head.weight.
NamesOfLayers = Annotated[
    list[NameOfLayer],
    Field(min_length=1),
    AfterValidator(distinct),
    BeforeValidator(_as_names, json_schema_input_type=NameOfLayer | list[NameOfLayer]),
]
