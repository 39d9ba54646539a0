"""Sweeps survive what kills them. ``make faults`` does the same at length."""

from pathlib import Path

import pytest

from tests.reliability.sweeps import Sweep, assert_same, drawn_kills, write_images

SETTINGS = [
    *("corruption=none,random_labels", "schedule=one_cycle", "seed=0,1"),
    *("data=image_folder", "data.crop=null", "data.batch_size=10", "logger=csv", "trainer=cpu"),
    *("regularizer=[weight_noise,augmentation]", "trainer.threads=1", "trainer.max_epochs=3"),
    *("trainer.checkpoint_seconds=0.02", "trainer.progress=false"),
]
_STEPS = 4 * 3 * 12  # jobs, epochs, batches

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path: Path) -> list[str]:
    write_images(tmp_path / "images", 120, 30)
    return [*SETTINGS, f"data.root={tmp_path / 'images'}"]


def test_a_sweep_that_is_killed_again_and_again_ends_as_if_nothing_had_happened(
    tmp_path: Path, settings: list[str]
) -> None:
    undisturbed, disturbed = (Sweep(tmp_path / name, settings) for name in ("whole", "killed"))
    assert undisturbed.run() == 0, (undisturbed.folder / "log").read_text()
    # Not at random times, which on a busy machine may be after the end.
    kills = [kill for kill in drawn_kills(seed=3, count=9) if not kill.startswith("time")]
    for kill in kills[:6]:
        assert disturbed.run_and_kill(kill), "it was over before it could be killed"
    assert disturbed.run() == 0, (disturbed.folder / "log").read_text()
    assert sum(disturbed.deaths.values()) == 6
    assert assert_same(disturbed, undisturbed) == 4
    assert undisturbed.steps == _STEPS
    assert disturbed.steps <= 1.5 * undisturbed.steps


def test_two_processes_that_start_the_same_sweep_at_once_share_the_work(
    tmp_path: Path, settings: list[str]
) -> None:
    sweep = Sweep(tmp_path / "twice", settings)
    both = [sweep.start(), sweep.start()]
    assert [process.wait(600) for process in both] == [0, 0], (sweep.folder / "log").read_text()
    assert sweep.steps == _STEPS
    assert len(list(sweep.work.glob("outputs/faults/*/result.json"))) == 4
    assert not list(sweep.work.glob("outputs/faults/*/.*"))


def test_a_sweep_that_is_asked_to_stop_saves_and_begins_no_other_job(
    tmp_path: Path, settings: list[str]
) -> None:
    sweep = Sweep(tmp_path / "stopped", [*settings, "trainer.checkpoint_seconds=1e9"])
    code = sweep.start("stop:50").wait(600)  # in the second job
    said = (sweep.folder / "log").read_text()
    assert code == 143, said
    assert "stopped by SIGTERM after 1 of 4 jobs; a checkpoint was saved" in said
    assert len(sweep.jobs) == 2
    assert sweep.run() == 0
    assert sweep.steps == _STEPS
