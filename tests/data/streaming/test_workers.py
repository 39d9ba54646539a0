"""Processes that work on batches ahead of time are nobody's but the main process's to stop."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess

import pytest
import torch
from torch import Tensor

from nullfit.data.streaming.workers import over_batches


@pytest.fixture
def workers() -> Callable[[], set[BaseProcess]]:
    """Those that live now and did not before."""
    before = set(multiprocessing.active_children())
    return lambda: set(multiprocessing.active_children()) - before


def slowly(indices: Tensor) -> int:
    time.sleep(0.02)
    return int(indices.sum())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_the_whole_group_stops_no_worker(workers, number: signal.Signals) -> None:
    made = over_batches(slowly, torch.arange(60).split(2), 2)
    first = next(made)
    assert len(workers()) == 2
    for worker in workers():
        assert worker.pid is not None
        os.kill(worker.pid, number)
    assert [first, *made] == [int(part.sum()) for part in torch.arange(60).split(2)]


def test_workers_end_with_the_last_batch_and_with_whoever_asks_no_more(workers) -> None:
    made = over_batches(slowly, torch.arange(8).split(2), 2)
    assert len(list(made)) == 4
    assert not workers()
    made = over_batches(slowly, torch.arange(60).split(2), 2)
    next(made)
    made.close()
    assert not workers()


def test_a_process_that_fails_in_the_middle_of_a_set_ends() -> None:
    script = (
        "import torch\n"
        "from nullfit.data.streaming.workers import over_batches\n"
        "from nullfit.system.garbage import spare_what_is_loaded\n"
        "spare_what_is_loaded()\n"
        "made = over_batches(torch.sum, torch.arange(60).split(2), 2)\n"
        "next(made)\n"
        "raise SystemExit(7)\n"
    )
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, timeout=60, stderr=subprocess.PIPE, check=False)
    assert (ended.returncode, ended.stderr) == (7, b"")
