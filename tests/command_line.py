"""The command line in this process, which is quicker than in one of its own."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest
from hydra.core.global_hydra import GlobalHydra

from nullfit import cli


@dataclass(frozen=True)
class Answer:
    """What a command said, and the code that it left with."""

    code: object
    out: str
    err: str


def carry_out(folder: Path, *arguments: str) -> Answer:
    """Carry out ``python run.py …`` in ``folder``."""
    GlobalHydra.instance().clear()
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        patch.setenv("HYDRA_FULL_ERROR", "0")
        patch.setattr(sys, "argv", ["run.py", *arguments])
        try:
            cli.main()
        except SystemExit as leaving:
            code = leaving.code
    return Answer(code, out.getvalue(), err.getvalue())
