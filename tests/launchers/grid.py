"""Grids on the command line, and what they leave on the disk."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tests.commands import ENTRY, Command, run_command

TINY = (
    *("logger=csv", "trainer.progress=false", "data.train_limit=200", "data.test_limit=100"),
    "trainer.stop_at_train_accuracy=null",
)
# Ray lets other processes go first, and the other tests would leave it next to nothing.
AT_ONCE = {"RAY_worker_niceness": "0"}
# A grid of processes that need not be new.
FORKED = Path(__file__).with_name("forked_workers.py")
# Of the time a run took, and the circumstances that it names.
_CIRCUMSTANCES = ("wall_seconds", "images_per_second", "study", "command")


@dataclass(frozen=True)
class Started:
    """A grid on its way."""

    command: Command
    _said: Path

    def said(self) -> str:
        """What it has said so far."""
        return self._said.read_text()

    def check(self) -> None:
        """Fail if it has ended."""
        assert self.command.poll() is None, self.said()


def start(
    folder: Path, *arguments: str, alone: bool = False, script: Path = ENTRY, **variables: str
) -> Started:
    said = folder / "said"
    words = ["-m", *TINY, *arguments]
    command = Command(words, folder, variables, said, said, script=script, alone=alone)
    return Started(command, said)


def run(
    folder: Path, *arguments: str, script: Path = ENTRY, **variables: str
) -> subprocess.CompletedProcess[str]:
    return run_command("-m", *TINY, *arguments, cwd=folder, env=variables, script=script)


def results(study: Path) -> dict[str, dict[str, Any]]:
    """What the jobs of a study came to, but for their circumstances, with their weights."""
    found = {}
    for path in study.glob("*/result.json"):
        fields = json.loads(path.read_text())
        kept = {key: value for key, value in fields.items() if key not in _CIRCUMSTANCES}
        final = torch.load(path.parent / "checkpoints/final.ckpt", weights_only=True)
        kept["weights"] = {name: w.tolist() for name, w in final["state_dict"].items()}
        found[path.parent.name] = kept
    return found


def breaking(folder: Path) -> tuple[str, ...]:
    """A network that fails in its first training step, beside one that does not."""
    module = """from nullfit.models import MLP


class Breaking(MLP):
    def forward(self, images):
        if self.training:
            raise ValueError("it breaks")
        return super().forward(images)
"""
    (folder / "breaking.py").write_text(module)
    return ("model._target_=nullfit.models.MLP,breaking.Breaking", "allow_targets=[breaking]")


PACED = (
    *("trainer.max_epochs=100", "trainer.checkpoint_seconds=0.2", "corruption=random_labels"),
    *("seed=0,1", "model._target_=pacing.Paced", "allow_targets=[pacing]"),
)


def paced(folder: Path) -> Path:
    """A file; while it is there, the jobs of ``PACED`` take twenty seconds, and later hardly one.

    They stand midway when something happens to them, without computing for long.
    """
    module = """import time
from pathlib import Path

from nullfit.models import MLP

WALKING = Path(__file__).with_name("walking")


class Paced(MLP):
    def forward(self, images):
        if self.training and WALKING.exists():
            time.sleep(0.1)
        return super().forward(images)
"""
    (folder / "pacing.py").write_text(module)
    walking = folder / "walking"
    walking.touch()
    return walking
