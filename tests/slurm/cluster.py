"""A real Slurm on this one machine: a controller, and a daemon for each of several nodes.

All of it lives in a folder of its own, with its own key, ports and configuration: nothing of a
Slurm that the machine may belong to is touched. As a script, ``python -m tests.slurm.cluster``
starts one with two nodes and says how to use it.
"""

import os
import platform
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PROGRAMS = ("slurmctld", "slurmd", "sbatch", "srun", "scontrol", "squeue", "munged")
_PATIENCE_SECONDS = 120.0
_SBIN = "/usr/local/sbin:/usr/sbin:/sbin"


def missing() -> str | None:
    """Why there can be no cluster here, if so."""
    if os.geteuid() != 0:
        return "Slurm's daemons need root"
    path = f"{os.environ['PATH']}:{_SBIN}"
    absent = [name for name in _PROGRAMS if shutil.which(name, path=path) is None]
    return f"not installed: {', '.join(absent)} (Debian: slurm-wlm, munge)" if absent else None


class Cluster:
    """A context in which the commands of Slurm, with ``variables``, speak to these nodes."""

    def __init__(self, nodes: int) -> None:
        self.nodes = [f"node{number}" for number in range(1, nodes + 1)]
        # Sockets have short names: pytest's own folders are too deep.
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-"))
        self.variables = {
            "SLURM_CONF": str(self.folder / "slurm.conf"),
            "PATH": f"{os.environ['PATH']}:{_SBIN}",
        }
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Cluster":
        try:
            self._configure()
            key = ["--key-file", self.folder / "munge.key"]
            places = [f"--{name}={self.folder / name}" for name in ("pid-file", "seed-file")]
            log = f"--log-file={self.folder / 'munge.log'}"
            where = f"--socket={self.folder / 'munge.socket'}"
            self._start("munged", "--foreground", "--force", *key, *places, log, where)
            self._start("slurmctld", "-D", "-i")
            for node in self.nodes:
                self.start_node(node)
            self._wait_for_nodes()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _configure(self) -> None:
        ports = _free_ports(len(self.nodes) + 1)
        self.folder.chmod(0o755)
        (self.folder / "munge.key").touch(mode=0o600)
        (self.folder / "munge.key").write_bytes(secrets.token_bytes(128))
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        host = platform.node().partition(".")[0]
        settings = {
            "ClusterName": "nullfit",
            "SlurmctldHost": f"{host}(127.0.0.1)",
            "SlurmctldPort": ports[0],
            "SlurmUser": "root",
            "AuthType": "auth/munge",
            # A job that is queued again waits until its old credential has expired.
            "AuthInfo": f"socket={self.folder / 'munge.socket'},cred_expire=5",
            "CredType": "cred/munge",
            "StateSaveLocation": self.folder / "state",
            "SlurmdSpoolDir": self.folder / "spool" / "%n",
            "SlurmctldPidFile": self.folder / "slurmctld.pid",
            "SlurmdPidFile": self.folder / "slurmd-%n.pid",
            "SlurmctldLogFile": self.folder / "slurmctld.log",
            "SlurmdLogFile": self.folder / "slurmd-%n.log",
            "SlurmdTimeout": 6,  # a silent node is lost after so many seconds
            "KillWait": 5,
            "ProctrackType": "proctrack/linuxproc",
            "TaskPlugin": "task/none",
            "JobAcctGatherType": "jobacct_gather/none",
            "SelectType": "select/cons_tres",
            "SelectTypeParameters": "CR_Core",
            "SchedulerParameters": "sched_interval=2,sched_min_interval=0",
            "ReturnToService": 2,
            "MpiDefault": "none",
        }
        lines = [f"{key}={value}" for key, value in settings.items()]
        for node, port in zip(self.nodes, ports[1:], strict=True):
            lines.append(
                f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} "
                "CPUs=1 RealMemory=1000 State=UNKNOWN"
            )
        lines.append(f"PartitionName=all Nodes={','.join(self.nodes)} Default=YES State=UP")
        (self.folder / "slurm.conf").write_text("\n".join(lines) + "\n")

    def _start(self, program: str, *arguments: object, name: str = "") -> None:
        found = shutil.which(program, path=self.variables["PATH"])
        assert found is not None  # `missing` has looked
        with _uninterrupted(), (self.folder / f"{name or program}.out").open("ab") as output:
            self._daemons[name or program] = subprocess.Popen(
                [found, *map(str, arguments)],
                env=os.environ | self.variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def start_node(self, node: str) -> None:
        """Start the daemon of a node."""
        (self.folder / "spool" / node).mkdir(exist_ok=True)
        self._start("slurmd", "-D", "-N", node, name=node)

    def kill_node(self, node: str) -> None:
        """Lose a node: its daemon and all that runs on it end without a word."""
        daemon = self._daemons.pop(node)
        daemon.kill()
        daemon.wait()
        self._kill_jobs({node})

    def _kill_jobs(self, nodes: set[str]) -> None:
        """End the processes of jobs on these nodes, and first those that look after them."""
        for process in _processes_with(self.variables["SLURM_CONF"], nodes):
            with suppress(ProcessLookupError, FileNotFoundError):
                parent = _parent(process)
                if "slurmstepd" in Path(f"/proc/{parent}/comm").read_text():
                    os.kill(parent, signal.SIGKILL)
                os.kill(process, signal.SIGKILL)

    def run(self, *command: str) -> str:
        """What one of Slurm's commands says."""
        done = subprocess.run(
            command, env=os.environ | self.variables, capture_output=True, text=True, check=True
        )
        return done.stdout

    def node_of(self, job: str) -> str:
        """Where a job runs; empty if it does not."""
        return self.run("squeue", "--noheader", "--array", f"--job={job}", "--format=%N").strip()

    def _wait_for_nodes(self) -> None:
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            with suppress(subprocess.CalledProcessError):
                if self.run("sinfo", "-h", "-N", "-t", "idle").count("node") >= len(self.nodes):
                    return
            if time.monotonic() > end:
                logs = "\n".join(p.read_text(errors="replace") for p in self.folder.glob("*.log"))
                raise TimeoutError(f"Slurm does not come up:\n{logs[-3000:]}")
            time.sleep(0.2)

    def stop(self) -> None:
        """End everything that was started here, and remove its folder."""
        for name in sorted(self._daemons, key=lambda name: name == "munged"):
            daemon = self._daemons[name]
            daemon.terminate()
            try:
                daemon.wait(5)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self._kill_jobs(set(self.nodes))
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """What is started within it is known before anything can end this process."""
    heard: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {n: signal.signal(n, lambda number, _: heard.append(number)) for n in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if heard:
        raise KeyboardInterrupt


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _processes_with(configuration: str, nodes: set[str]) -> list[int]:
    """The processes of jobs of this cluster on these nodes, by what Slurm tells them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            told = dict(
                entry.partition("=")[::2] for entry in path.read_text(errors="replace").split("\0")
            )
            if told.get("SLURM_CONF") == configuration and told.get("SLURMD_NODENAME") in nodes:
                found.append(int(path.parent.name))
    return found


def _parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


if __name__ == "__main__":
    reason = missing()
    if reason is not None:
        raise SystemExit(reason)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with suppress(KeyboardInterrupt), Cluster(2) as cluster:
        print(cluster.run("sinfo", "-N"))
        print(
            f"export SLURM_CONF={cluster.variables['SLURM_CONF']}   (Ctrl+C stops it)\n"
            "Its nodes have one core each: hydra.launcher.cpus=1",
            flush=True,
        )
        signal.pause()
