"""What a search may choose from, as the words of a command line say it."""

import math

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from nullfit.config.search import Between, OneOf, Space, space_of

parse = OverridesParser.create().parse_overrides


def space(*words: str, **params: str) -> Space:
    return space_of(parse, params, parse(list(words)))


@pytest.mark.parametrize(
    ("values", "axis", "middle"),
    [
        ("interval(0,1)", Between(0.0, 1.0), 0.5),
        ("tag(log,interval(1e-4,1e-2))", Between(1e-4, 1e-2, log=True), 1e-3),
        ("int(interval(1,10))", Between(1, 10), 5),
        ("range(2,11,4)", Between(2, 10, step=4), 6),
        ("a,b", OneOf(["a", "b"]), "a"),
        ("[8],[16,8]", OneOf(["[8]", "[16,8]"]), "[8]"),
        ("range(0,1,0.5)", OneOf(["0.0", "0.5"]), "0.0"),
    ],
)
def test_intervals_are_numbers_and_lists_are_choices(
    values: str, axis: Between | OneOf, middle: float | str
) -> None:
    found = space(f"key={values}").axes["key"]
    assert found == axis
    if isinstance(middle, str):
        assert found.middle == middle
    else:
        assert found.middle == pytest.approx(middle)


def test_the_command_line_takes_the_place_of_the_options_own() -> None:
    found = space("a=1", "b=interval(0,2)", a="interval(0,1)", c="x,y", d="3")
    assert found.axes == {"b": Between(0.0, 2.0), "c": OneOf(["x", "y"])}
    assert found.job({"b": 0.123456, "c": "y"}) == ["a=1", "d=3", "c=y", "b=0.1235"]


def test_rounded_numbers_stay_in_the_interval() -> None:
    low, high = 0.100049, 0.100051
    axis = Between(low, high)
    assert low <= float(axis.text(low)) <= high
    assert low <= float(axis.text(high)) <= high
    assert float(axis.text(math.nextafter(low, 1))) >= low


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["a=1"], "nothing to search"),
        (["a=interval(2,1)"], "ends where it begins"),
        (["a=tag(log,interval(0,1))"], "begins above 0"),
        (["a=range(1,1)"], "has no values"),
    ],
)
def test_what_is_no_space_is_refused(words: list[str], told: str) -> None:
    with pytest.raises(HydraException, match=told):
        space(*words)
