"""Building the site as `make docs` does."""

import os
import subprocess
import sys
from pathlib import Path

import nullfit

ROOT = Path(nullfit.__file__).parents[2]


def build(site: Path, root: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    """Build the site of what lies in ``root``, strictly."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)],
        cwd=root,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
