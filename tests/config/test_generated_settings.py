"""Any text for any key is a value, or is refused with a UserError: there is no third way."""

import math
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf
from pydantic import BaseModel

from nullfit.config.arguments import flags_first
from nullfit.config.compose import compose_run
from nullfit.config.composer import composer
from nullfit.config.diagnosis import setting_names
from nullfit.config.free_text import with_quotes
from nullfit.config.plan import compose_grid
from nullfit.config.schema import RunConfig
from nullfit.config.validation import validate
from nullfit.errors import UserError

GROUPS = ("model", "data", "corruption", "optimizer", "schedule", "regularizer", "trainer", "probe")


@pytest.fixture(scope="module")
def keys() -> list[str]:
    with composer():
        return [key for key in setting_names(compose_run([])) if not key.startswith("hydra")]


TEXT = st.text(max_size=12) | st.text(string.printable, max_size=12)
VALUES = st.one_of(
    TEXT,
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(
        ["null", "true", "[]", "{}", "[1,nan]", "{a:1}", "???", "${seed}", "${x:}", "nan"]
    ),
    st.lists(st.floats() | st.integers(), max_size=3).map(lambda v: str(v).replace(" ", "")),
    st.text(string.printable, max_size=8).map(repr),
)


def numbers(value: object) -> list[float]:
    """All fractions in a configuration."""
    if isinstance(value, BaseModel):
        value = value.model_dump()
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [number for item in inner for number in numbers(item)]
    return [value] if isinstance(value, float) else []


def check_told_or_valid(overrides: list[str]) -> None:
    try:
        (config,) = compose_grid(overrides, multirun=False).configs
        run = validate(config)
    except UserError as error:
        told = str(error)
    else:
        told = "valid"
        check_valid(run)
    assert 1 <= len(told.splitlines()) <= 2, told


def check_valid(run: RunConfig) -> None:
    assert all(math.isfinite(number) for number in numbers(run))
    assert OmegaConf.to_container(OmegaConf.create(run.plain())) is not None


@given(st.data())
def test_any_value_for_any_key(keys: list[str], data: st.DataObject) -> None:
    with composer():
        key = data.draw(st.sampled_from(keys))
        check_told_or_valid([f"{key}={data.draw(VALUES)}"])


@given(st.sampled_from(GROUPS), VALUES)
def test_any_value_for_any_group(group: str, value: str) -> None:
    with composer():
        check_told_or_valid([f"{group}={value}"])


@given(st.lists(TEXT | st.tuples(TEXT, VALUES).map("=".join), max_size=3))
def test_any_words(words: list[str]) -> None:
    try:
        flags_first(with_quotes(words))
    except UserError:
        return
    except SystemExit:  # --version
        return
    with composer():
        check_told_or_valid([word for word in words if not word.startswith("-")])
