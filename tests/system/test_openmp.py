"""How threads of OpenMP wait is asked for before the library is loaded, wherever jobs run."""

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import nullfit

ROOT = Path(nullfit.__file__).parents[2]
STARTED = [ROOT / "tests/conftest.py", *sorted(ROOT.glob("benchmarks/*.py"))]
CHOSEN = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")


def told_by_libgomp(first: str, **environment: str) -> dict[str, str]:
    """What libgomp read when it was loaded, in a process that imported ``first`` before."""
    torch = importlib.util.find_spec("torch")
    folder = Path(next(iter(torch.submodule_search_locations))) / "lib"
    library = next(folder.glob("libgomp*"), None)
    if library is None:
        pytest.skip("this torch brings another OpenMP library")
    rest = {name: value for name, value in os.environ.items() if name not in CHOSEN}
    told = subprocess.run(
        [sys.executable, "-c", f"import ctypes, {first}\nctypes.CDLL({str(library)!r})"],
        env={**rest, "OMP_DISPLAY_ENV": "VERBOSE", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = (line.split(" = ") for line in told.stderr.splitlines() if " = " in line)
    return {name.strip(): value.strip().strip("'") for name, value in lines}


@pytest.mark.parametrize("first", ["nullfit", "nullfit.launchers.job_specification"])
def test_threads_wait_briefly_in_every_process_that_imports_any_of_it(first) -> None:
    assert told_by_libgomp(first)["GOMP_SPINCOUNT"] == "3000"


@pytest.mark.parametrize(
    ("chosen", "turns"),
    [({"GOMP_SPINCOUNT": "77"}, "77"), ({"OMP_WAIT_POLICY": "PASSIVE"}, "0")],
    ids=["turns", "policy"],
)
def test_what_the_user_has_chosen_is_left_alone(chosen, turns) -> None:
    assert told_by_libgomp("nullfit", **chosen)["GOMP_SPINCOUNT"] == turns


@pytest.mark.parametrize("path", STARTED, ids=lambda path: path.stem)
def test_whatever_loads_torch_itself_has_asked_before(path) -> None:
    code = path.read_text(encoding="utf-8")
    imported = [node.names[0].name for node in ast.parse(code).body if isinstance(node, ast.Import)]
    if "torch" in imported and ("__main__" in code or path.stem == "conftest"):
        assert "nullfit.system.openmp" in imported[: imported.index("torch")]
