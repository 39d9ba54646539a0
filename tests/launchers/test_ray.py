"""``hydra/launcher=ray`` on two Ray nodes of this machine, one of which is lost midway."""

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from nullfit.errors import UserError
from nullfit.launchers.ray_tasks import RaySettings, connect
from tests.launchers import grid

pytestmark = pytest.mark.slow
cluster_utils = pytest.importorskip("ray.cluster_utils", reason="Ray is not installed")

RAY = ("hydra/launcher=ray", "study=ray")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    # Its processes look for nullfit where this one does, and are told to keep quiet.
    head = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 2**27}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in grid.AT_ONCE.items():
            patch.setenv(name, value)
        running = cluster_utils.Cluster(initialize_head=True, head_node_args=head)
        yield running
        running.shutdown()


def remove(cluster: Any, node: Any) -> None:
    """Take a node away, and see its processes go: what they are at is not to end before."""
    (raylet,) = node.all_processes["raylet"]
    workers = psutil.Process(raylet.process.pid).children(recursive=True)
    assert workers
    cluster.remove_node(node, allow_graceful=False)
    assert not psutil.wait_procs(workers, timeout=60)[1]


def test_every_result_arrives_to_the_bit_though_a_node_is_lost(tmp_path: Path, cluster) -> None:
    walking = grid.paced(tmp_path)
    node = cluster.add_node(num_cpus=1, object_store_memory=2**27)
    sweep = grid.start(tmp_path, *RAY, *grid.PACED, f"hydra.launcher.address='{cluster.address}'")
    end = time.monotonic() + 400
    while len(list(tmp_path.glob("outputs/ray/*/checkpoints/last.ckpt"))) < 2:
        sweep.check()
        assert time.monotonic() < end, "the jobs do not begin"
        time.sleep(0.1)
    remove(cluster, node)
    walking.unlink()
    local = grid.run(tmp_path, *grid.PACED, "study=local")  # meanwhile
    assert local.returncode == 0, local.stderr
    assert sweep.command.wait(600) == 0, sweep.said()
    assert "[2/2]" in sweep.said()
    expected = grid.results(tmp_path / "outputs/local")
    assert len(expected) == 2
    assert grid.results(tmp_path / "outputs/ray") == expected
    logs = [path.read_text() for path in tmp_path.glob("outputs/ray/*/output.log")]
    assert sum("going on " in log for log in logs) == 1


def test_jobs_save_where_they_stand_when_the_command_is_asked_to_stop(tmp_path, cluster) -> None:
    long = (
        "trainer.stop_at_train_accuracy=null",
        "trainer.max_epochs=100000",
        "trainer.checkpoint_seconds=1e9",
        "seed=0,1",
    )
    sweep = grid.start(tmp_path, *RAY, *long, f"hydra.launcher.address='{cluster.address}'")
    while not list(tmp_path.glob("outputs/ray/*/metrics.csv")):
        sweep.check()
        time.sleep(0.1)
    sweep.command.terminate()
    assert sweep.command.wait(300) == 143, sweep.said()
    message = sweep.said()
    assert "stopped by SIGTERM after 0 of 2 jobs; each running job was asked to save" in message
    assert "Traceback" not in message
    assert len(list(tmp_path.glob("outputs/ray/*/checkpoints/last.ckpt"))) == 1  # one core: one job


def test_on_this_machine_ray_gets_the_cores_that_the_command_may_use(monkeypatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr("nullfit.launchers.ray_tasks.usable_cores", lambda: 3)
    ray = SimpleNamespace(init=lambda **settings: given.update(settings))
    connect(ray, RaySettings(address=None, cpus=2, gpus=0.0, memory=None, retries=0))
    assert (given["address"], given["num_cpus"]) == ("local", 3)
    with pytest.raises(UserError, match=r"cpus=4 is impossible here: 3 cores may be used"):
        connect(ray, RaySettings(address=None, cpus=4, gpus=0.0, memory=None, retries=0))


def test_a_ray_that_is_not_there_is_told_in_two_lines(tmp_path) -> None:
    done = grid.run(tmp_path, *RAY, "hydra.launcher.address='127.0.0.1:1'", "seed=0,1")
    assert done.returncode == 2
    assert "no Ray answers there" in done.stderr
    assert "Traceback" not in done.stderr
