"""Kernels of Jupyter that are forks of a process which has imported everything (`commands`).

A kernel that starts cold imports for ten seconds. One test has such a one
(`interactive/test_notebook.py`).
"""

import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Command


class Kernel(Command):
    """As `subprocess.Popen`, whose part Jupyter knows."""

    stdin = stdout = stderr = None

    def send_signal(self, number: int) -> None:
        """Send it to this process alone."""
        os.kill(self.pid, number)


@contextmanager
def forked() -> Iterator[None]:
    """Within it, kernels that Jupyter starts are forks."""
    from jupyter_client.provisioning import local_provisioner

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:

        def launch(command: Sequence[str], *, env: Mapping[str, str], cwd: str, **_: Any) -> Kernel:
            return _started(command, env, Path(cwd), Path(folder))

        patch.setattr(local_provisioner, "launch_kernel", launch)
        yield


def _started(command: Sequence[str], env: Mapping[str, str], cwd: Path, said: Path) -> Kernel:
    import ipykernel_launcher

    words = command[command.index("ipykernel_launcher") + 1 :]
    out, err = said / "out", said / "err"
    script = Path(ipykernel_launcher.__file__)
    kernel = Kernel(words, cwd, env, out, err, script=script, alone=True)
    while os.getpgid(kernel.pid) != kernel.pid:  # Jupyter ends whole groups: not that of the tests
        time.sleep(0.01)
    return kernel
