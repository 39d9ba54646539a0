"""A benchmark whose runs are forks of it: ``forked.py BENCHMARK.py words…``.

A process that has to import torch takes seconds before it begins. One of the runs of which that is
measured stays such a process.
"""

import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ALONE = {"first_step.py", "logger=csv"}

as_told = subprocess.run


def run(command: Sequence[str], **options: Any) -> "subprocess.CompletedProcess[Any]":
    """As `subprocess.run`."""
    words = {Path(word).name for word in command}
    if command[0] != sys.executable or words >= ALONE:
        return as_told(command, **options)
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        number = os.fork()
        if number == 0:
            become(command[1:], options.get("cwd"), options.get("env"), (out, err))
        code = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
        said = [path.read_text(encoding="utf-8") for path in (out, err)]
    if code and options.get("check"):
        raise subprocess.CalledProcessError(code, command, *said)
    return subprocess.CompletedProcess(command, code, *said)


def become(
    words: Sequence[str],
    cwd: str | None,
    env: Mapping[str, str] | None,
    outputs: Sequence[Path],
) -> None:
    """In the fork: be ``python words…``, and end."""
    code = 1
    try:
        os.chdir(cwd or ".")
        os.environ.update(env or {})
        for number, path in enumerate(outputs, 1):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
        sys.stdout, sys.stderr = (open(n, "w", closefd=False) for n in (1, 2))  # noqa: SIM115
        if words[0] == "-c":
            sys.argv = ["-c", *words[2:]]
            exec(words[1], {"__name__": "__main__"})
        else:
            sys.argv = list(words)
            runpy.run_path(words[0], run_name="__main__")
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    subprocess.run = run  # type: ignore[assignment]
    del sys.argv[0]
    sys.path.insert(0, str(Path(sys.argv[0]).parent))
    runpy.run_path(sys.argv[0], run_name="__main__")
