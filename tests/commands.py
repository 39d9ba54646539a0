"""Scripts in a process of their own, without the seconds that importing torch takes.

A server process has imported everything already; each script, which is the command line unless
told, is a fork of it, with its own folder, environment, output and exit code, and can be killed.
The options that it composes are read once, as in this process (`composition`), and figures are
drawn once (`drawing`).
Tests of what is imported, or of a terminal, start Python themselves.
"""

import multiprocessing
import multiprocessing.forkserver
import os
import resource
import runpy
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from subprocess import CompletedProcess

import nullfit
from tests.composition import Kept, kept, remember
from tests.drawing import draw_quickly

ENTRY = Path(nullfit.__file__).parents[2] / "run.py"
# One thread: there must be no others when the server forks.
_SERVER = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def run_command(
    *words: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    largest: int | None = None,
    script: Path = ENTRY,
) -> "CompletedProcess[str]":
    """Run ``python run.py <words>``, or another ``script``, to its end.

    ``env`` is added to the environment; ``largest`` limits the bytes of a file, as a full
    disk does.
    """
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        code = Command(words, cwd, env, out, err, largest, script).wait()
        return CompletedProcess(list(words), code, out.read_text(), err.read_text())


class Command:
    """``python run.py <words>`` on its way; what it says goes to files."""

    def __init__(
        self,
        words: Sequence[str],
        cwd: Path | None,
        env: Mapping[str, str] | None,
        out: Path,
        err: Path,
        largest: int | None = None,
        script: Path = ENTRY,
        alone: bool = False,
    ) -> None:
        """As `run_command`; ``alone`` gives it a group of processes of its own."""
        environment = {**os.environ, "OMP_NUM_THREADS": "1", **(env or {})}
        for path in (out, err):
            path.touch()
        paths = [str(path.resolve()) for path in (out, err)]
        argv = [str(script), *words]
        folder = str(cwd or Path.cwd())
        arguments = (argv, folder, environment, paths, largest, alone, Kept(kept().folder))
        self._process: ForkServerProcess = _context().Process(target=_carry_out, args=arguments)
        self._process.start()

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float = 600.0) -> int:
        """Its exit code, once it has ended."""
        self._process.join(seconds)
        code = self._process.exitcode
        if code is None:
            self._process.kill()
            raise TimeoutError(f"it did not end in {seconds:.0f} s")
        return code

    def terminate(self) -> None:
        """Ask it to stop."""
        self._process.terminate()

    def kill(self) -> None:
        """End it without a word."""
        self._process.kill()


def _context() -> "multiprocessing.context.ForkServerContext":
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.preloaded"])
    before = {name: os.environ.get(name) for name in _SERVER}
    os.environ.update(_SERVER)
    try:
        multiprocessing.forkserver.ensure_running()
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    return context


def _carry_out(
    argv: list[str],
    cwd: str,
    environment: Mapping[str, str],
    paths: Sequence[str],
    largest: int | None,
    alone: bool,
    files: Kept,
) -> None:
    """In the fork: become the command."""
    remember(files)
    draw_quickly(files)
    os.fsync = _not_waiting  # as in this process
    multiprocessing.set_start_method(None, force=True)  # which the server has set for its own
    if alone:
        os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    for number, path in zip((1, 2), paths, strict=True):
        os.dup2(os.open(path, os.O_WRONLY | os.O_APPEND), number)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    sys.stdout, sys.stderr = (open(number, "w", closefd=False) for number in (1, 2))  # noqa: SIM115
    sys.argv = argv
    extra = environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [*filter(None, extra), str(Path(argv[0]).parent)]
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler if stop == signal.SIGINT else signal.SIG_DFL)
    if largest is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    runpy.run_path(argv[0], run_name="__main__")


def _not_waiting(_: object) -> None:
    """What tests write need not outlast a loss of power."""
