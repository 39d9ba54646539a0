"""What is said of Slurm's jobs that wait, with a squeue that is played."""

import subprocess

import pytest

from nullfit.launchers import slurm_queue
from nullfit.launchers.slurm_queue import Queued, QueueMonitor, queue

SAID = "7_0 PENDING PartitionConfig\n7_1 PENDING (Nodes are DOWN, DRAINED)\n8 RUNNING None\n"


def test_the_queue_is_read_with_its_reasons(monkeypatch) -> None:
    played = subprocess.CompletedProcess([], 0, stdout=SAID)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: played)
    assert queue() == {
        "7_0": Queued("PENDING", "PartitionConfig"),
        "7_1": Queued("PENDING", "(Nodes are DOWN, DRAINED)"),
        "8": Queued("RUNNING", "None"),
    }
    played.returncode = 1
    assert queue() is None


def test_jobs_that_do_not_begin_are_told_at_growing_intervals(monkeypatch, capsys) -> None:
    now = 0.0
    monkeypatch.setattr(slurm_queue.time, "monotonic", lambda: now)
    pending, begun = Queued("PENDING", "PartitionConfig"), Queued("RUNNING", "None")
    monitor, told = QueueMonitor(), []
    queued = {"7_0": begun, "7_1": pending, "7_2": pending, "9": pending}
    for now in range(0, 301, 5):
        monitor.update(["7_0", "7_1", "7_2"], queued)
        told += [(now, line) for line in capsys.readouterr().out.splitlines()]
    assert [second for second, _ in told] == [30, 60, 120, 240]
    assert told[0][1] == "still pending after 30 s, by Slurm's reasons: PartitionConfig (2 jobs)"


@pytest.mark.parametrize("queued", [None, {}, {"7_0": Queued("RUNNING", "None")}])
def test_what_runs_or_is_not_known_is_not_told(monkeypatch, capsys, queued) -> None:
    times = iter(range(0, 10_000, 5))
    monkeypatch.setattr(slurm_queue.time, "monotonic", lambda: next(times))
    monitor = QueueMonitor()
    for _ in range(60):
        monitor.update(["7_0"], queued)
    assert capsys.readouterr().out == ""
