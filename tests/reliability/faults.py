"""Kill a sweep at random moments, start it again, and hold it against an undisturbed one.

    python -m tests.reliability.faults [kills] [seed]

50 kills and the seed 0 unless told otherwise. The sweep has 12 jobs on a data set that is decoded
and cached at its first use; each kill is a SIGKILL in the middle of a training step, at an event of
the file system (before a checkpoint, a result or the cache is renamed, between that and the moment
at which the folder is on the disk, …) or at a random time.
"""

import sys
import tempfile
import time
from pathlib import Path

from tests.reliability.sweeps import Sweep, assert_same, drawn_kills, write_images

SETTINGS = [
    *("corruption=none,random_labels", "schedule=exponential,one_cycle"),
    *("seed=0,1,2", "data=image_folder", "data.crop=null", "data.batch_size=20", "logger=csv"),
    *("regularizer=[weight_noise,augmentation]", "trainer=cpu", "trainer.threads=1"),
    *("trainer.max_epochs=5", "trainer.checkpoint_seconds=0.02", "trainer.progress=false"),
]


def main(kills: int, seed: int) -> None:
    """Carry it out and print what came of it."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        write_images(root / "images", 240, 60)
        settings = [*SETTINGS, f"data.root={root / 'images'}"]
        undisturbed, disturbed = (Sweep(root / n, settings) for n in ("whole", "killed"))
        assert undisturbed.run() == 0, (undisturbed.folder / "log").read_text()
        for number, kill in enumerate(drawn_kills(seed, kills), start=1):
            assert disturbed.run_and_kill(kill), f"it was over before kill {number}"
            done = len(disturbed.finished)
            print(f"\r{number}/{kills} kills, {done} jobs finished", end="", file=sys.stderr)
        assert disturbed.run() == 0, (disturbed.folder / "log").read_text()
        print(file=sys.stderr)
        compared = assert_same(disturbed, undisturbed)
        ratio = disturbed.steps / undisturbed.steps
        assert ratio <= 1.5, ratio
        print(
            f"{sum(disturbed.deaths.values())} kills survived, {compared} results equal to the "
            f"bit, none written twice; {disturbed.steps} training steps where "
            f"{undisturbed.steps} are needed ({ratio:.2f}×), {time.monotonic() - began:.0f} s"
        )
        for death, times in disturbed.deaths.most_common():
            print(f"  {times:3d} {death}")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given, *(50, 0)[len(given) :])
