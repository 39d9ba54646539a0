"""``forked_workers.py words…``: ``run.py words…``, whose joblib workers take no seconds to start.

They are forks from before the command began: as a Python that is new they know nothing of it and
have none of its files, but everything is imported.
"""

import fcntl
import json
import os
import runpy
import socket
import sys
import traceback
from collections.abc import Mapping, Sequence

from joblib.externals.loky.backend import fork_exec

from tests.commands import ENTRY

WORKERS = 2
MODULE = "joblib.externals.loky.backend.popen_loky_posix"
_BEYOND = 200  # the numbers of all open files

as_told = fork_exec.fork_exec
_waiting: list[tuple[int, socket.socket]] = []


def prepare() -> None:
    """Fork a process that waits for what it is to be."""
    ours, its = socket.socketpair()
    number = os.fork()
    if number == 0:
        ours.close()
        for _, others in _waiting:
            others.close()
        try:
            become(its)
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    its.close()
    _waiting.append((number, ours))


def become(told: socket.socket) -> None:
    """In the fork: be loky's worker, with the files that it was given and no other."""
    message, given, *_ = socket.recv_fds(told, 2**20, 16)
    if not message:  # none was needed
        os._exit(0)
    words, environment, numbers = json.loads(message)
    aside = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, _BEYOND) for descriptor in given]
    told.detach()
    os.closerange(3, _BEYOND)
    for descriptor, number in zip(aside, numbers, strict=True):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [MODULE, *words]
    sys.modules.pop(MODULE, None)  # or `runpy` would warn
    try:
        runpy.run_module(MODULE, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        os._exit(ended.code if isinstance(ended.code, int) else 1)


def start(
    command: Sequence[str], descriptors: Sequence[int], env: Mapping[str, str] | None = None
) -> int:
    """As loky's ``fork_exec``: the number of a process that carries the command out."""
    if MODULE not in command:
        return int(as_told(command, descriptors, env))
    number, told = _waiting.pop()
    words = command[command.index(MODULE) + 1 :]
    numbers = sorted({int(descriptor) for descriptor in descriptors})
    message = json.dumps([words, {**os.environ, **(env or {})}, numbers])
    with told:
        socket.send_fds(told, [message.encode()], numbers)
    return number


if __name__ == "__main__":
    for _ in range(WORKERS):
        prepare()
    fork_exec.fork_exec = start
    sys.argv[0] = str(ENTRY)
    runpy.run_path(str(ENTRY), run_name="__main__")
