"""The workflow and the hooks of a commit are what `.ci/run` and `make lint` are."""

import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import yaml

import nullfit

ROOT = Path(nullfit.__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WORKFLOW: Any = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
(JOB,) = WORKFLOW["jobs"].values()
HOOKS: Any = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
MAKEFILE = (ROOT / "Makefile").read_text()


def stated_pythons() -> list[str]:
    named = re.compile(r"Programming Language :: Python :: (3\.\d+)")
    return [found[1] for word in PROJECT["classifiers"] if (found := named.fullmatch(word))]


def lint_commands() -> set[str]:
    """The commands of `make lint` that look at code."""
    (recipe,) = re.findall(r"^lint:.*\n((?:\t.*\n)+)", MAKEFILE, re.M)
    return set(re.findall(r"^\t\$\(BIN\)/(.*)$", recipe, re.M))


def test_the_workflow_runs_what_has_to_pass_and_nothing_else() -> None:
    commands = [step["run"] for step in JOB["steps"] if "run" in step]
    assert commands == [".ci/run"]
    assert os.access(ROOT / ".ci/run", os.X_OK)
    script = (ROOT / ".ci/run").read_text().splitlines()
    assert {"make lint &", "make test", "wait $! # fails if style or types do"} <= set(script)


def test_the_workflow_tests_every_python_that_is_stated() -> None:
    pythons = stated_pythons()
    assert pythons == ["3.11", "3.12", "3.13", "3.14"]
    assert JOB["strategy"]["matrix"]["python"] == pythons
    assert PROJECT["requires-python"] == f">={pythons[0]}"
    assert "${{ matrix.python }}" in {
        str(step.get("with", {}).get("python-version")) for step in JOB["steps"]
    }
    assert (sys.version_info.major, sys.version_info.minor) in {
        tuple(map(int, python.split("."))) for python in pythons
    }


def test_make_takes_the_python_that_the_workflow_names() -> None:
    (step,) = [step for step in JOB["steps"] if step.get("run") == ".ci/run"]
    assert step["env"] == {"PYTHON": "python"}
    assert "PYTHON ?= " in MAKEFILE
    assert "$(PYTHON) -m venv $(VENV)" in MAKEFILE


def test_the_workflow_can_only_read() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert not any("secrets." in str(step) for step in JOB["steps"])


def test_a_commit_is_looked_at_by_the_tools_of_make_lint() -> None:
    (repository,) = HOOKS["repos"]
    assert repository["repo"] == "local"
    commands = set()
    for hook in repository["hooks"]:
        entry = hook["entry"].removeprefix(".venv/bin/")
        commands.add(entry if hook.get("pass_filenames") is False else f"{entry} .")
        assert hook["language"] == "system"
        assert (Path(sys.executable).parent / entry.split()[0]).exists()
    assert commands == lint_commands()
