"""What a server of W&B that fails costs a run: ``python -m tests.tracking.failures [repeats]``.

Each failure is tried in turn, ``repeats`` times over, beside the same run without W&B. The servers
are on this machine; nothing else is contacted.
"""

import os
import statistics
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from nullfit.config.compose import compose_run
from nullfit.config.composer import composer
from nullfit.config.validation import validate
from nullfit.tasks.train.task import train
from nullfit.tracking import guarded_run
from tests.tracking.wandb_server import wandb_server

NOBODY = "http://127.0.0.1:9"  # the discard port: refused at once
SERVERS: dict[str, Any] = {
    "without W&B": None,
    "server in order": (),
    "no network": NOBODY,
    "hangs": ("hang", 0),
    "answers 500": ("500", 0),
    "drops the connection mid-run": ("drop", 1),
    "hangs mid-run": ("hang", 1),
}
RUN = ("trainer.max_epochs=100", "trainer.progress=false", "seed=1")


def seconds(name: str, folder: Path) -> float:
    """How long one run takes, from its configuration to its result."""
    guarded_run._Server.given_up = False
    server = SERVERS[name]
    logger = ("logger=csv",) if server is None else ("logger=wandb", "logger.mode=online")
    with composer():
        config = validate(compose_run([*RUN, *logger, f"outputs={folder}"]))
    serving = wandb_server(*server) if isinstance(server, tuple) else nullcontext((server, None))
    with serving as (address, _):
        os.environ["WANDB_BASE_URL"] = address or NOBODY
        began = time.perf_counter()
        train(config, folder)
        return time.perf_counter() - began


def main(repeats: int) -> None:
    """Print the table."""
    os.environ["WANDB_API_KEY"] = "0" * 40
    took: dict[str, list[float]] = {name: [] for name in SERVERS}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        for repeat in range(repeats + 1):
            for number, name in enumerate(SERVERS):
                spent = seconds(name, Path(folder) / f"{repeat}-{number}")
                if repeat:  # the first round warms up
                    took[name].append(spent)
    base = statistics.median(took["without W&B"])
    print("| W&B | n | seconds | more than without |\n| --- | --- | --- | --- |")
    for name, found in took.items():
        middle = statistics.median(found)
        spread = f"{min(found):.1f}–{max(found):.1f}"
        print(f"| {name} | {len(found)} | {middle:.1f} ({spread}) | {middle - base:.1f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
