"""Every page of docs/how-to: what it says is done as it stands there."""

import re
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from tests.commands import ENTRY, run_command
from tests.test_documented_commands import ROOT, commands

FOLDER = ROOT / "docs" / "how-to"
PAGES = sorted(page for page in FOLDER.glob("*.md") if page.stem != "index")
INDEX = (FOLDER / "index.md").read_text(encoding="utf-8")
FILES = re.compile(r"`((?:conf/)?[\w/]+\.(?:py|yaml))`:\n\n```\w+\n(.*?)```", re.S)
PYTHON = re.compile(r"```python\n(.*?)```", re.S)
# Whose commands are read by test_documented_commands alone, and why.
NOT_HERE = {
    "all-cores": "joblib's processes are started in tests/launchers",
    "cluster": "needs Slurm, as tests/slurm has it",
    "gpu": "needs a GPU and a download",
    "ray": "Ray is started in tests/launchers",
    "several-devices": "needs several devices, as tests/training has them",
}
# A page that works with few epochs works with all of them: its commands are not changed. Rewinding
# goes back to the twentieth epoch.
FEW_EPOCHS = Path(__file__).with_name("few_epochs.py")
MOST = {"where-memorized": 20}
# What a page takes for granted.
BEFORE = {"test-under-corruption": ["logger=csv"]}
# No test waits for the record of a run in W&B, which tests/tracking has.
ENVIRONMENT = {"WANDB_MODE": "disabled", "OMP_NUM_THREADS": "1"}
# Words of a command that would leave this machine, and what is run instead of it.
OFFLINE = {"logger.mode=online": "logger.mode=offline", "task=sync": None}


def names_of(pages: list[Path]) -> list[str]:
    return [page.stem for page in pages]


def test_there_are_enough() -> None:
    assert len(PAGES) >= 20
    assert set(NOT_HERE) <= set(names_of(PAGES))


@pytest.mark.parametrize("page", PAGES, ids=names_of(PAGES))
def test_a_page_is_short_says_how_long_it_takes_and_is_found_by_task_and_by_word(
    page: Path,
) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.match(r"---\ntags: \[\w[^\]]+\]\n---\n\n# I want ", text)
    assert INDEX.count(f"]({page.name})") == 1
    title = re.search(r"^# (.*)$", text, re.M)
    assert title is not None
    assert f"[{title[1]}]({page.name})" in INDEX
    assert re.search(r"(?m)^\*[^*]+\*", text), "how long it takes"
    assert len(text.split()) < 350
    assert "See also: [" in text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the reader's images, table, labels and suspects."""
    digits = load_digits()
    for number in range(150):
        part = "test" if number % 3 == 0 else "train"
        file = tmp_path / "my_images" / part / str(digits.target[number]) / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((digits.images[number] * 15).astype("uint8")).resize((40, 40)).save(file)
    random = np.random.default_rng(0)
    rows = [f"{size:.0f},{random.integers(5)},{3 * size:.0f}" for size in random.uniform(9, 99, 80)]
    (tmp_path / "houses.csv").write_text("\n".join(["size,door,price", *rows]) + "\n")
    flowers = ["width,species", *(f"{number % 2 + 0.1},{'ab'[number % 2]}" for number in range(60))]
    (tmp_path / "flowers.csv").write_text("\n".join(flowers) + "\n")
    (tmp_path / "labels.csv").write_text("index,label\n0,3\n1,4\n")
    (tmp_path / "suspects.csv").write_text("index\n0\n7\n")
    np.savetxt(tmp_path / "matrix.csv", np.eye(10), delimiter=",")
    return tmp_path


def runnable(words: list[str]) -> list[str] | None:
    """A command that stays on this machine, or None."""
    for word, instead in OFFLINE.items():
        if word in words:
            if instead is None:
                return None
            words = [instead if own == word else own for own in words]
    return words


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.stem not in NOT_HERE], ids=lambda page: page.stem
)
def test_what_a_page_says_works(page: Path, folder: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name, content in FILES.findall(text):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    if page.stem in BEFORE:
        assert carried_out(page, folder, *BEFORE[page.stem]).returncode == 0
    for _, *words in commands("bash", page):
        if (own := runnable(words)) is not None:
            done = carried_out(page, folder, *own)
            assert done.returncode == 0, f"{own}\n{done.stdout}\n{done.stderr}"
    files = {content for _, content in FILES.findall(text)}
    for code in PYTHON.findall(text):
        if code not in files:
            file = folder / "in_python.py"
            file.write_text(code, encoding="utf-8")
            done = carried_out(page, folder, script=file)
            assert done.returncode == 0, done.stderr


def carried_out(
    page: Path, folder: Path, *words: str, script: Path = ENTRY
) -> "CompletedProcess[str]":
    most = str(MOST.get(page.stem, 2))
    return run_command(most, str(script), *words, cwd=folder, env=ENVIRONMENT, script=FEW_EPOCHS)
