"""How long the command line takes to start: help, the configuration, the first training step.

    python benchmarks/startup.py [--repeats 5] [--cores 2] [--tiny]

Every start is a process of its own, in an empty folder. The way to the first step ends when the
optimizer has stepped once (`first_step.py`). It is held against a process that imports torch and
pytorch_lightning, up to the last import: that process's own end, another second, is left out.
Where that import dies (a torchvision built for another torch), the two operators that torchvision
misses are declared first, as the program does.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from side_by_side import Asked, Measurement, Way, in_turns, main

ROOT = Path(__file__).parents[1]
RUN = [sys.executable, str(ROOT / "run.py")]
FIRST_STEP = [sys.executable, str(ROOT / "benchmarks" / "first_step.py")]
IMPORTS = "import torch, pytorch_lightning"
TELL = "\nimport time; print(time.monotonic())"
DECLARED = """
import torch
torchvision = torch.library.Library("torchvision", "DEF")
torchvision.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
torchvision.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
import pytorch_lightning
"""


def measure(asked: Asked) -> Iterator[Measurement]:
    """Whole processes, one after the other in turns."""
    shown = {
        "startup/help": whole([*RUN, "--help"]),
        "startup/config": whole([*RUN, "--cfg", "job"]),
    }
    for name, seconds in in_turns("startup", shown, asked).items():
        yield Measurement(name, seconds, [])
    ways = {
        "imports": until_imported(imports()),
        "startup/first_step": until_first_step("logger=wandb"),
        "startup/first_step_csv": until_first_step("logger=csv"),
    }
    figures = in_turns("startup", ways, asked)
    for name in list(ways)[1:]:
        yield Measurement(name, figures[name], figures["imports"])


def whole(command: list[str]) -> Way:
    """From the start of a process to its end."""

    def way() -> float:
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            _start(command, folder)
            return time.perf_counter() - began

    return way


def until_imported(code: str) -> Way:
    """From the start of a process to where it has imported everything."""

    def way() -> float:
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            return float(_start([sys.executable, "-c", code + TELL], folder)) - began

    return way


def until_first_step(*overrides: str) -> Way:
    """From the start of a run to the end of its first training step."""
    command = [*FIRST_STEP, *overrides, "trainer.max_epochs=1"]

    def way() -> float:
        with tempfile.TemporaryDirectory() as folder:
            told = Path(folder) / "first_step"
            began = time.monotonic()
            _start(command, folder, NULLFIT_FIRST_STEP=str(told))
            return float(told.read_text(encoding="utf-8")) - began

    return way


def imports() -> str:
    """The comparison's code, as it runs here."""
    plain = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, check=False)
    return DECLARED if plain.returncode else IMPORTS


def _start(command: list[str], folder: str, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main(__doc__, measure, repeats=5)
