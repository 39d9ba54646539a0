"""The peak memory of whole runs on data of CIFAR-10's size, 60,000 images.

    python benchmarks/memory.py [--repeats 1] [--cores 2] [--tiny]

Runs are processes of their own, on an image folder that is generated, decoded and cached before.
What they may take is the data as float32, as the network gets them, plus 1 GiB. ``gaussian`` holds
the test images twice, corrupted and clean. ``growth`` is what a run that streams 100,000 images
takes more than one that streams 10,000: its main process, or the largest of its workers if that
grows more (a worker's figure counts what it shares with the main process).
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from side_by_side import Asked, Measurement, main

ROOT = Path(__file__).parents[1]
GIB = 2**30
CLASSES = 10
DIFFERENT = 1000  # images; a multiple of the classes, so that links stay in their class
# Runs what follows, then says what it took (in KiB, on macOS in bytes).
RUN = """
import json, resource, runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as ended:
    if ended.code:
        raise
unit = 1 if sys.platform == "darwin" else 1024
print(json.dumps([unit * resource.getrusage(who).ru_maxrss
                  for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]))
"""


def measure(asked: Asked) -> Iterator[Measurement]:
    """Runs in memory, then streamed ones."""
    share = 100 if asked.tiny else 1
    with tempfile.TemporaryDirectory() as folder:
        images = generate(Path(folder) / "cifar", 50_000 // share, 10_000 // share)
        if not asked.tiny:
            peak(images, "corruption=none")  # fills the cache, and does not count
        for corruption in ("none", "gaussian"):
            peaks = [sum(peak(images, f"corruption={corruption}")) for _ in range(asked.repeats)]
            yield Measurement(f"memory/{corruption}", [each / GIB for each in peaks], [])
        few = generate(Path(folder) / "few", 10_000 // share, 1_000 // share)
        many = generate(Path(folder) / "many", 100_000 // share, 1_000 // share)
        workers = 1 if asked.tiny else 2
        streamed = (
            *("data.streaming=true", f"data.workers={workers}"),
            "corruption=gaussian_noise",
        )
        growth, note = [], ""
        for _ in range(asked.repeats):
            small, large = peak(few, *streamed), peak(many, *streamed)
            growth.append(max(b - a for a, b in zip(small, large, strict=True)) / GIB)
            note = f"{told(small)} and {told(large)} MiB, main process / worker"
        yield Measurement("memory/growth", growth, [], note)


def told(peaks: tuple[int, int]) -> str:
    """Both peaks in MiB."""
    return " / ".join(f"{each / 2**20:.0f}" for each in peaks)


def peak(images: Path, *overrides: str) -> tuple[int, int]:
    """The most bytes that a run of one epoch took: the process, and the largest of its children."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, "-c", RUN, str(ROOT / "run.py"), "data=image_folder"),
            *(f"data.root={images}", f"data.cache={images.parent / 'cache'}", f"outputs={folder}"),
            *("model=mlp_1x512", "trainer.max_epochs=1", "logger=csv", *overrides),
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=folder, env=os.environ
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    own, children = json.loads(done.stdout.splitlines()[-1])
    return own, children


def generate(folder: Path, train: int, test: int) -> Path:
    """So many images of 32×32 noise as PNG files, in ten class folders for each split.

    After the first thousand they repeat, as links to the same files, which saves a minute.
    """
    draws = np.random.default_rng(0)
    for split, samples in (("train", train), ("test", test)):
        for label in range(CLASSES):
            (folder / split / str(label)).mkdir(parents=True)
        paths = [folder / split / str(i % CLASSES) / f"{i}.png" for i in range(samples)]
        for path in paths[:DIFFERENT]:
            pixels = draws.integers(0, 256, (32, 32, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(path, compress_level=0)
        for index, path in enumerate(paths[DIFFERENT:], DIFFERENT):
            path.hardlink_to(paths[index % DIFFERENT])
    return folder


if __name__ == "__main__":
    main(__doc__, measure, repeats=1)
