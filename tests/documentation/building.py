"""What tests of the documentation share: the site as `make docs` builds it, a notebook's cell."""

from pathlib import Path
from subprocess import CompletedProcess

import nullfit
from tests.commands import run_command

ROOT = Path(nullfit.__file__).parents[2]
# A notebook's cell, after which trainings end early.
FEW_EPOCHS = f"""
import sys
sys.path.append({str(ROOT)!r})
from tests.documentation.few_epochs import train_at_most
train_at_most(4)
"""


def build(site: Path, root: Path = ROOT) -> "CompletedProcess[str]":
    """Build the site of what lies in ``root``, strictly."""
    words = ("build", "--strict", "--site-dir", str(site))
    script = Path(__file__).with_name("mkdocs_command.py")
    return run_command(*words, cwd=root, env={"NO_MKDOCS_2_WARNING": "1"}, script=script)
