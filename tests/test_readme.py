"""What README and the guide show works as it stands there."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

import nullfit
from tests.commands import run_command

ROOT = Path(nullfit.__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
PYTHON = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
# A file's name in the text, then its content in a fenced block.
FILES = dict(re.findall(r"`((?:conf/)?[\w/]+\.(?:py|yaml))`:\n\n```\w+\n(.*?)```", GUIDE, re.S))
TINY = ["data.train_limit=200", "data.test_limit=100", "trainer.max_epochs=2", "logger=csv"]


def start(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command(*arguments, *TINY, cwd=folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the user's files, as the guide says."""
    assert set(FILES) == {
        *("my_networks.py", "conf/model/one_convolution.yaml"),
        *("my_corruptions.py", "conf/corruption/darkened.yaml"),
        *("my_data.py", "conf/data/stripes.yaml"),
    }
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


def test_a_network_and_a_corruption_of_ones_own(folder: Path) -> None:
    mine = ["--config-dir", "conf", "model=one_convolution", "corruption=darkened"]
    refused = start(folder, *mine)
    assert refused.returncode == 2
    assert "add allow_targets=[my_networks]" in refused.stderr
    trust = "allow_targets=[my_networks,my_corruptions]"
    done = start(folder, *mine, trust)
    assert done.returncode == 0, done.stderr
    assert "one_convolution-digits-darkened_factor0.5-seed0" in done.stdout
    typo = start(folder, *mine, trust, "corruption.facto=2.0")
    assert "Did you mean corruption.factor?" in typo.stderr


def test_data_of_ones_own(folder: Path) -> None:
    mine = ["--config-dir", "conf", "data=stripes", "allow_targets=[my_data]", "study=own"]
    done = start(folder, *mine)
    assert done.returncode == 0, done.stderr
    assert "mlp_1x512-stripes-none-seed0" in done.stdout
    assert "200 training images of 16×16×1, " in done.stdout
    unnamed = start(folder, *mine, "data.samples=240")
    assert "write +data.samples=240" in unnamed.stderr
    set_to = start(folder, *mine, "+data.samples=240")
    assert "data.test_limit=100 is not possible: there are 60 samples" in set_to.stderr
    typo = start(folder, *mine, "data.nois=0.1")
    assert "Did you mean data.noise?" in typo.stderr
    wrong = start(folder, *mine, "data.noise=much")
    assert "data.noise=much" in wrong.stderr
    assert {unnamed.returncode, typo.returncode, wrong.returncode} == {2}


MISTAKES = {
    "parts": ("return (images, labels)", "returned a tuple.\nReturn nullfit.data.Dataset(name, tr"),
    "tuples": (
        "return Dataset('x', (images, labels), 0)",
        "data x: train is a tuple.\nGive nullfi",
    ),
    "no class": ("return both(images, labels + 1)", "labels are no classes, e.g. 2 of sample 1."),
    "range": ("return both(images * 3 - 1, labels)", "values are out of range, e.g. -1 in image 0"),
    "rows": ("return both(images[:, 0], labels)", "these have (40, 4).\nTurn rows into images"),
}


@pytest.mark.parametrize(("ending", "message"), MISTAKES.values(), ids=list(MISTAKES))
def test_mistakes_in_data_of_ones_own_are_told_in_two_lines(
    folder: Path, ending: str, message: str
) -> None:
    (folder / "my_data.py").write_text(
        "import numpy as np\nfrom nullfit.data import Dataset, ImageSet\n"
        "def both(images, labels):\n"
        "    half = ImageSet(images, labels, ['a', 'b'], 'mine')\n"
        "    return Dataset('x', half, half)\n"
        "def stripes(*, noise=0.5):\n"
        "    labels = np.arange(40) % 2\n    images = np.zeros((40, 4, 4))\n"
        f"    {ending}\n"
    )
    done = start(folder, "--config-dir", "conf", "data=stripes", "allow_targets=[my_data]")
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_of_data_of_ones_own_are_keyword_only(folder: Path) -> None:
    (folder / "my_data.py").write_text("def stripes(noise, root):\n    return None\n")
    done = start(folder, "--config-dir", "conf", "data=stripes", "allow_targets=[my_data]")
    assert done.returncode == 2
    assert "keyword-only. Write def stripes(*, noise, root, …)." in done.stderr


def test_the_parts_work_without_the_command_line() -> None:
    examples = re.findall(r"```python\n(.*?)```", PYTHON, re.S)
    (example,) = [block for block in examples if "randomize(" in block]
    found: dict[str, Any] = {}
    exec(compile(example, "python.md", "exec"), found)
    outcome = found["outcome"]
    assert [row["epoch"] for row in outcome.rows] == list(range(1, 21))
    assert outcome.metrics["test/accuracy"] > 0.7  # in spite of the noise
    assert outcome.metrics["train/accuracy_untouched"] > outcome.metrics["train/accuracy_corrupted"]


def test_every_option_is_named() -> None:
    for group in (
        "data",
        "model",
        "corruption",
        "loss",
        "optimizer",
        "schedule",
        "regularizer",
        "trainer",
        "probe",
        "logger",
        "task",
    ):
        for path in (ROOT / "conf" / group).glob("*.yaml"):
            option = f"{group}={path.stem}"
            assert f"`{path.stem}`" in GUIDE or option in GUIDE, f"docs/guide.md lacks {option}"


def test_readme_is_short() -> None:
    assert len(README.splitlines()) < 150


def test_every_link_and_picture_of_readme_is_there() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", README)
    assert len(links) > 30
    assert [link for link in links if not (ROOT / link).exists()] == []
