"""Commands in README and docs, read by real shells as a reader's would read them."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hydra._internal.utils import get_args_parser

import nullfit
from nullfit.config import plan
from nullfit.config.arguments import flags_first
from nullfit.config.composer import composer
from nullfit.config.free_text import with_quotes
from nullfit.config.grids import grid_jobs
from nullfit.config.plan import compose_grid
from nullfit.config.validation import validate

ROOT = Path(nullfit.__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "llms.txt", *sorted((ROOT / "docs").rglob("*.md"))]
SHELLS = [shell for shell in ("bash", "dash") if shutil.which(shell)]
# Words of one command end with a NUL, the command with two.
STUB = "python() { for word in \"$@\"; do printf '%s\\0' \"$word\"; done; printf '\\0'; }\n"
STUB += 'srun() { while [ "$1" != python ]; do shift; done; "$@"; }\n'
_LINE = re.compile(r"(?:srun .*)?python run\.py |[A-Z]+=")
_TIME = re.compile(r"\b(?:seconds?|minutes?|hours?|longer)\b|\d (?:s|min)\b", re.I)
_PLACEHOLDER = re.compile(r"[<…]")


def commands(shell: str, page: Path) -> list[list[str]]:
    """The words of each command of a page, as the shell gives them to Python."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    shown = [line for line in lines if _LINE.match(line) and not _PLACEHOLDER.search(line)]
    script = STUB + "\n".join(shown)
    done = subprocess.run([shell, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [words.split("\0") for words in done.stdout.split("\0\0") if words]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_command_is_one(page: Path) -> None:
    read = [commands(shell, page) for shell in SHELLS]
    assert all(found == read[0] for found in read)
    for entry, *words in read[0]:
        assert entry == "run.py"
        if not any(word.startswith("allow_targets") for word in words):  # see test_readme
            look_at(*words)


@cache  # many stand on several pages
def look_at(*words: str) -> None:
    arguments = get_args_parser().parse_args(flags_first(with_quotes(list(words))))
    overrides = arguments.overrides
    with composer(None, overrides):
        for config in compose_grid(overrides, multirun=arguments.multirun).configs:
            validate(config)


@pytest.fixture(autouse=True)
def _few_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a grid the jobs that have an override which none before has.

    Whether an option or a setting exists shows in the first job that names it.
    """

    def few(*grid: Any) -> list[list[str]]:
        seen: set[str] = set()
        jobs = []
        for job in grid_jobs(*grid):
            if not seen.issuperset(job) or not jobs:
                jobs.append(job)
            seen.update(job)
        return jobs

    monkeypatch.setattr(plan, "grid_jobs", few)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_with_commands_says_how_long_they_take(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert _TIME.search(text) or not any(map(_LINE.match, text.splitlines()))
