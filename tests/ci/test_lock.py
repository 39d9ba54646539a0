"""`requirements.lock` is what `constraints.txt` and `pyproject.toml` say, with hashes."""

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import nullfit

ROOT = Path(nullfit.__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# A package in a version, perhaps for some platforms, then the hashes of its files.
ENTRY = re.compile(
    r"(?m)^([\w.-]+)==([^ ;]+)(?: ; [^\\\n]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$"
)


def versions(text: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version, _ in ENTRY.findall(text)}


def test_every_line_is_of_a_package_with_hashes_and_names_no_index() -> None:
    rest = ENTRY.sub("", LOCK)
    assert [line for line in rest.splitlines() if line and not line.startswith("#")] == []
    assert "://" not in LOCK


def test_it_has_the_versions_that_nullfit_was_tested_with() -> None:
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    tested = dict(re.findall(r"(?m)^([\w.-]+)==(\S+)$", constraints))
    locked = versions(LOCK)
    assert len(tested) > 150
    assert {canonicalize_name(name): version for name, version in tested.items()}.items() <= (
        locked.items()
    )


def test_it_has_whatever_the_project_asks_for() -> None:
    extras = PROJECT["optional-dependencies"].values()
    wanted = map(Requirement, [*PROJECT["dependencies"], *(word for own in extras for word in own)])
    locked = versions(LOCK)
    for package in wanted:
        if package.name != PROJECT["name"]:
            assert package.specifier.contains(locked[canonicalize_name(package.name)]), package


def test_every_package_can_be_had_for_the_oldest_python_that_is_promised() -> None:
    """Debian 12 has 3.11.2: a package that wants 3.11.5 would stop `make` there."""
    promised = SpecifierSet(PROJECT["requires-python"])
    assert promised == SpecifierSet(">=3.11")
    wanted = {
        package.name: package.metadata.get("Requires-Python") or ""
        for package in distributions()
        if canonicalize_name(package.name) in versions(LOCK)
    }
    assert len(wanted) > 150
    assert {n: w for n, w in wanted.items() if not SpecifierSet(w).contains("3.11.0")} == {}


def test_a_lock_without_a_hash_or_with_another_version_would_be_found() -> None:
    entry = "torch==2.13.0 ; sys_platform == 'linux' \\\n    --hash=sha256:" + "a" * 64
    assert versions(entry) == {"torch": "2.13.0"}
    assert versions("torch==2.13.0") == {}
    assert versions(entry[:-1]) == {}
