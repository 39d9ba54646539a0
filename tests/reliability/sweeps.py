"""A sweep of real processes that are killed and started again, and what is asked of it."""

import json
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import torch
from PIL import Image

from nullfit.data import digits
from tests.commands import Command

HERE = Path(__file__).parent
# The network. Dropout, so that random numbers within an epoch matter.
WATCHED = (
    *("model=mlp", "model._target_=watched.WatchedMLP", "allow_targets=[watched]"),
    *("model.hidden=[32]", "model.dropout=0.2", "model.learning_rate=0.05"),
)
# What differs between two runs of the same settings.
_CIRCUMSTANCES = ("wall_seconds", "images_per_second", "command")
_MOST_SECONDS = 600.0


def write_images(folder: Path, train: int, test: int) -> None:
    """Handwritten digits as files, for a data set that is decoded and cached."""
    for split, samples in (("train", digits().train), ("test", digits().test)):
        for index in range({"train": train, "test": test}[split]):
            pixels = (samples.images[index, 0] * 255 / samples.images.max()).byte().numpy()
            path = folder / split / str(int(samples.labels[index])) / f"{index}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)


@dataclass
class Sweep:
    """The jobs of one command, in a folder of their own."""

    folder: Path
    settings: list[str]
    deaths: Counter[str] = field(default_factory=Counter)
    finished: dict[Path, tuple[int, int]] = field(default_factory=dict)

    @property
    def jobs(self) -> list[Path]:
        """The folders of the jobs, by name."""
        return sorted(path for path in (self.work / "outputs/faults").iterdir() if path.is_dir())

    @property
    def work(self) -> Path:
        """Where the processes write. What they and we note lies beside it."""
        return self.folder / "work"

    @property
    def steps(self) -> int:
        """How many training steps were begun, by all processes together."""
        path = self.folder / "steps"
        return path.stat().st_size if path.exists() else 0

    def command(self) -> list[str]:
        """The words of the command that is given again and again."""
        own = [f"outputs={self.work / 'outputs'}", f"data.cache={self.work / 'cache'}"]
        return ["-m", *own, "study=faults", *WATCHED, *self.settings]

    def start(self, kill_at: str = "") -> Command:
        """One process of it."""
        self.work.mkdir(parents=True, exist_ok=True)
        (self.folder / "death").unlink(missing_ok=True)
        environment = {
            "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]),
            "STEPS_FILE": str(self.folder / "steps"),
            "DEATH_FILE": str(self.folder / "death"),
            "WATCHED": str(self.work),
            "KILL_AT": kill_at or ":",
        }
        log = self.folder / "log"
        return Command(self.command(), self.folder, environment, log, log)

    def run(self) -> int:
        """Carry it out to its end; returns the exit code."""
        code = self.start().wait(_MOST_SECONDS)
        self.check_finished()
        return code

    def run_and_kill(self, kill: str) -> bool:
        """Carry it out until it is killed; false if it came to its end before."""
        kind, _, number = kill.partition(":")
        began = self._said()
        process = self.start("" if kind == "time" else kill)
        if kind == "time":
            while process.poll() is None and self._said() == began:
                time.sleep(0.01)
            time.sleep(float(number))
            process.kill()
        code = process.wait(_MOST_SECONDS)
        self.check_finished()
        if code != -signal.SIGKILL:
            assert code == 0, (self.folder / "log").read_text()[-2000:]
            return False
        death = self.folder / "death"
        self.deaths[death.read_text() if death.exists() else "at a random time"] += 1
        return True

    def check_finished(self) -> None:
        """Whether every result that there was is still the same file."""
        for path in self.work.glob("outputs/faults/*/result.json"):
            status = path.stat()
            now = (status.st_ino, status.st_mtime_ns)
            assert self.finished.setdefault(path, now) == now, f"{path} was written again"

    def _said(self) -> int:
        path = self.folder / "log"
        return path.stat().st_size if path.exists() else 0


def drawn_kills(seed: int, count: int) -> list[str]:
    """When each process dies: in a step, at an event of the file system, or at a random time.

    The first ones go through the beginning event by event: that is where the data set is cached.
    """
    draws = random.Random(seed)
    beginning = [f"file:{number}" for number in range(8, 8 + min(10, count // 4))]
    kinds = {
        "step": lambda: draws.randint(1, 36),
        "file": lambda: draws.randint(1, 150),
        "time": lambda: round(draws.uniform(0.0, 0.4), 3),
    }
    rest = (draws.choice(["step", "step", "file", "file", "time"]) for _ in range(count))
    return [*beginning, *(f"{kind}:{kinds[kind]()}" for kind in rest)][:count]


def assert_same(disturbed: Sweep, undisturbed: Sweep) -> int:
    """Every result to the bit, and no clutter; returns how many jobs were compared."""
    names = [job.name for job in undisturbed.jobs]
    assert [job.name for job in disturbed.jobs] == names
    for first, second in zip(disturbed.jobs, undisturbed.jobs, strict=True):
        assert _result(first) == _result(second), first.name
        curves = [pandas.read_csv(job / "metrics.csv", dtype=str) for job in (first, second)]
        assert (
            curves[0]
            .drop(columns=["seconds", "epoch_seconds"])
            .equals(curves[1].drop(columns=["seconds", "epoch_seconds"]))
        )
        for name, value in _weights(first).items():
            assert torch.equal(value, _weights(second)[name]), f"{first.name}: {name}"
        arrays = [np.load(job / "arrays.npz") for job in (first, second)]
        for name in arrays[1].files:
            assert (arrays[0][name] == arrays[1][name]).all()
        files = [sorted(p.relative_to(j) for p in j.rglob("*")) for j in (first, second)]
        assert files[0] == files[1]
    assert not list(disturbed.work.glob("cache/.*"))
    return len(names)


def _result(job: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((job / "result.json").read_text())
    return {key: value for key, value in result.items() if key not in _CIRCUMSTANCES}


def _weights(job: Path) -> dict[str, torch.Tensor]:
    return torch.load(job / "checkpoints/final.ckpt", weights_only=True)["state_dict"]
