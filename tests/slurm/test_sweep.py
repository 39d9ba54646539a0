"""A sweep on a real Slurm that loses a node, and whose jobs run out of time, midway."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.launchers import grid
from tests.slurm import cluster

MISSING = cluster.missing()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(MISSING is not None, reason=f"no Slurm to test with: {MISSING}"),
]

SLURM = (
    *("hydra/launcher=slurm", "hydra.launcher.cpus=1", "hydra.launcher.memory=0.4"),
    *("hydra.launcher.poll_seconds=0.5", "study=cluster"),
)


@pytest.fixture(scope="module")
def slurm() -> Iterator[cluster.Cluster]:
    with cluster.Cluster(2) as running:
        yield running


def test_a_cluster_that_is_told_to_end_leaves_nothing() -> None:
    with tempfile.TemporaryDirectory(prefix="n-") as folder:  # sockets have short names
        script = subprocess.Popen(
            [sys.executable, "-m", "tests.slurm.cluster"],
            cwd=Path(__file__).parents[2],
            env=os.environ | {"TMPDIR": folder},
        )
        while not list(Path(folder).glob("slurm-*/slurmctld.out")):
            assert script.poll() is None
            time.sleep(0.05)
        script.terminate()
        script.wait(300)
        assert os.listdir(folder) == []


def _running(folder: Path, slurm: cluster.Cluster) -> dict[str, str]:
    """Jobs that have taken a checkpoint, by the node that each runs on."""
    seeds = [
        path.parents[1].name.partition("-seed")[2][0]
        for path in folder.glob("outputs/cluster/*/checkpoints/last.ckpt")
    ]
    told = slurm.run("squeue", "--noheader", "--array", "--states=RUNNING", "--format=%i %N")
    jobs = dict(line.split()[::-1] for line in told.splitlines())
    return {node: job for node, job in jobs.items() if job.partition("_")[2] in seeds}


def test_every_result_arrives_to_the_bit_though_a_node_and_time_are_lost(tmp_path, slurm) -> None:
    walking = grid.paced(tmp_path)
    sweep = grid.start(tmp_path, *SLURM, *grid.PACED, **slurm.variables)
    end = time.monotonic() + 300
    while len(found := _running(tmp_path, slurm)) < 2:
        sweep.check()
        assert time.monotonic() < end, "the jobs do not begin"
        time.sleep(0.2)
    slurm.run("scancel", "--signal=USR2", found["node2"])  # as ahead of its time limit
    slurm.kill_node("node1")
    while slurm.node_of(found["node2"]):
        assert time.monotonic() < end, "the job does not end"
        time.sleep(0.2)
    walking.unlink()
    local = grid.run(tmp_path, *grid.PACED, "study=local")  # meanwhile
    assert local.returncode == 0, local.stderr
    assert sweep.command.wait(600) == 0, sweep.said()
    assert "[2/2]" in sweep.said()
    expected = grid.results(tmp_path / "outputs/local")
    assert len(expected) == 2
    assert grid.results(tmp_path / "outputs/cluster") == expected
    logs = [path.read_text() for path in tmp_path.glob("outputs/cluster/*/output.log")]
    assert sum("going on " in log for log in logs) == 2
    _nothing_is_submitted_again(tmp_path, slurm)


def _nothing_is_submitted_again(folder: Path, slurm: cluster.Cluster) -> None:
    again = grid.run(folder, *SLURM, *grid.PACED, **slurm.variables)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("finished before") == 2
    assert "submitted" not in again.stdout


def test_a_cluster_that_takes_no_jobs_is_told_in_two_lines(tmp_path, slurm) -> None:
    nowhere = "hydra.launcher.partition=nowhere"
    done = grid.run(tmp_path, *SLURM, nowhere, "seed=0,1", **slurm.variables)
    assert done.returncode == 2
    assert "the cluster takes no jobs" in done.stderr
    assert "invalid partition" in done.stderr
    assert "Traceback" not in done.stderr
