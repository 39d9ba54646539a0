"""``python -m mkdocs``, as a script."""

import os
import sys

from mkdocs.__main__ import cli

if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    cli()
