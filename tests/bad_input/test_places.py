"""No name of a study, a job or a file leads out of ``outputs/``."""

from pathlib import Path

import pytest

from tests.bad_input.conftest import Refuse

NAMES = {
    "up": "..",
    "up and away": "../x",
    "absolute": "/tmp/x",
    "below": "a/b",
    "backslashes": "a\\\\b",
    "hidden": ".x",
    "of two lines": "'a\nb'",
    "with a line's end": "'ab\n'",
    "endless": "a" * 300,
    "empty": "''",
    "an option": "-rf",
    "from the environment": "${oc.env:PATH}",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
@pytest.mark.parametrize("key", ["study", "job"])
def test_a_name_that_leaves_is_refused(refuse: Refuse, key: str, name: str) -> None:
    refuse([f"{key}={name}"], f"{key}=")


def test_nul_in_a_path_is_refused(refuse: Refuse) -> None:
    refuse(["outputs='a\0b'"], "outputs='a\\x00b' is not allowed: it must not have a NUL")


@pytest.mark.parametrize("linked", ["outputs/s", "outputs/s/j"])
def test_a_link_that_leaves_is_refused(refuse: Refuse, tmp_path: Path, linked: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    path = tmp_path / linked
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "elsewhere")
    refuse(["study=s", "job=j"], f"{linked} is a link to {tmp_path}/elsewhere")
    assert list((tmp_path / "elsewhere").iterdir()) == []
