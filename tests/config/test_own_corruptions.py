"""A corruption of one's own goes by what it declares, and by its name if it declares nothing."""

from pathlib import Path

import pytest

from nullfit.config.corruptions import changed_parts
from nullfit.errors import UserError
from tests.conftest import MakeConfig

CODE = """
from nullfit.corruptions import changes


@changes("labels")
def declared_labels(images, labels, seed, origin=None): ...


@changes("labels", "images")
def declared_both(images, labels, seed, origin=None): ...


@changes("entries")
def declared_entries(values, seed): ...


@changes()
def declared_nothing(images, labels, seed, origin=None): ...


def silent(images, labels, seed, origin=None): ...


def silent_entries(values, seed): ...
"""
RATINGS = ["task=factorization"]
BOTH = ["corruption.apply_to=both"]
ACCEPTED = [  # function, name of its option, what else is set, what it changes
    ("declared_labels", "mine", ["corruption.apply_to=train"], {"labels"}),
    ("declared_both", "mine", ["corruption.apply_to=train"], {"labels", "images"}),
    ("declared_entries", "mine", [*RATINGS, "corruption.apply_to=train"], {"entries"}),
    ("declared_nothing", "mine_labels", BOTH, set()),
    ("declared_nothing", "mine", RATINGS, set()),
    ("silent", "mine", BOTH, {"images"}),
    ("silent_entries", "mine_entries", [*RATINGS, "corruption.apply_to=train"], {"entries"}),
]
REFUSED = [
    ("declared_labels", "mine", BOTH, "test labels are never corrupted"),
    ("declared_both", "mine", BOTH, "test labels are never corrupted"),
    ("declared_entries", "mine", [*RATINGS, *BOTH], "test entries are never corrupted"),
    ("declared_entries", "mine", ["corruption.apply_to=train"], "is for the entries of a matrix"),
    ("declared_labels", "mine_entries", [*RATINGS, "corruption.apply_to=train"], "is for images"),
    ("silent", "mine_labels", BOTH, "test labels are never corrupted"),
    ("silent", "mine", RATINGS, "is for images"),
]


@pytest.fixture(autouse=True)
def _own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_corruptions.py").write_text(CODE)
    monkeypatch.syspath_prepend(tmp_path)


def chosen(function: str, name: str, overrides: list[str]) -> list[str]:
    target = f"corruption._target_=own_corruptions.{function}"
    return [target, f"corruption.name={name}", "allow_targets=[own_corruptions]", *overrides]


@pytest.mark.parametrize(("function", "name", "overrides", "parts"), ACCEPTED)
def test_what_it_changes(make_config: MakeConfig, function, name, overrides, parts) -> None:
    config = make_config(*chosen(function, name, overrides))
    assert changed_parts(config, config.corruption) == parts


@pytest.mark.parametrize(("function", "name", "overrides", "message"), REFUSED)
def test_what_it_does_not_go_with(make_config: MakeConfig, function, name, overrides, message):
    with pytest.raises(UserError, match=message):
        make_config(*chosen(function, name, overrides))
