"""A folder that a setting names, and what was meant where there is none."""

from pathlib import Path

import pytest

from nullfit.config.folders import named_folder
from nullfit.errors import UserError


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("labels", "Did you mean clean.run=outputs/labels?"),
        ("outputs/lables", "Did you mean clean.run=outputs/labels?"),
        ("outputs/labels/mlp-seed0-aaaa0001", "clean.run=outputs/labels/mlp-seed0-aaaa0000?"),
    ],
)
def test_a_folder_of_a_similar_name_is_proposed(tmp_path: Path, monkeypatch, given, meant) -> None:
    (tmp_path / "outputs/labels/mlp-seed0-aaaa0000").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as error:
        named_folder("clean.run", given)
    assert meant in str(error.value)


def test_nothing_is_proposed_where_nothing_is_similar(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "outputs/labels").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as error:
        named_folder("clean.run", "xyz")
    assert "Did you mean" not in str(error.value)
