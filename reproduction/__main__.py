"""Run what published numbers are compared with: ``make reproduce``.

    python -m reproduction [--only PART …] [--data FOLDER] [--plan]

It says first what it will run and how long each part takes, skips what is finished, and runs the
parts one after the other. ``python -m reproduction.page`` makes docs/reproduction.md of what they
came to.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from rich.console import Console
from rich.table import Table

from nullfit.errors import UserError
from reproduction.parts import (
    OUTPUTS,
    Data,
    Job,
    Part,
    alike,
    chosen_parts,
    jobs_of,
    recorded_minutes,
)


@dataclass(frozen=True)
class Planned:
    """A part, its command lines, and the runs that they come to."""

    part: Part
    lines: list[list[str]]
    jobs: list[Job]
    minutes: float  # of the runs that are not finished, one after the other
    at_once: int

    @property
    def left(self) -> int:
        """How many runs are not finished."""
        return sum(not job.finished for job in self.jobs)

    @property
    def estimate(self) -> float:
        """Minutes that it will take."""
        return self.minutes / min(self.at_once, max(self.left, 1))


def main() -> None:
    """Plan, say, run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", nargs="*", default=[], help="parts to run, by name")
    parser.add_argument("--data", default="data", help="folder of the data (data)")
    parser.add_argument("--plan", action="store_true", help="say what would be run, and stop")
    given = parser.parse_args()
    print("Looking at what is finished …", flush=True)
    try:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        wanted, to_gpu = chosen_parts(given.only, gpu=_gpu())
        known = recorded_minutes()
        planned = [plan(part, Data(given.data), known, cores or 1) for part in wanted]
    except UserError as error:
        sys.exit(str(error))
    show(planned, to_gpu)
    failed = [] if given.plan else [each.part.name for each in planned if not run(each)]
    if failed:
        sys.exit(f"Not all runs came to their end in: {', '.join(failed)}")


def plan(part: Part, data: Data, known: dict[str, float], cores: int) -> Planned:
    """What a part comes to on so many cores.

    Raises:
        UserError: data are missing.
    """
    at_once = min(part.at_once or cores, cores)
    own = [f"outputs={OUTPUTS}", "logger=csv"]
    own += ["hydra/launcher=joblib", f"hydra.launcher.n_jobs={at_once}"] if at_once > 1 else []
    own += ["trainer.threads=1"] if at_once > 1 else []
    lines = [[*data.words(line), *own] for line in part.runs]
    jobs = [job for line in lines for job in jobs_of(line)]
    minutes = sum(
        known.get(alike(job.config.plain()), part.minutes) for job in jobs if not job.finished
    )
    return Planned(part, lines, jobs, minutes, at_once)


def run(planned: Planned) -> bool:
    """Run what is left of a part; whether all of it came to its end."""
    if not planned.left:
        return True
    since = time.monotonic()
    print(f"\n{planned.part.name}: {planned.part.about}", flush=True)
    codes = [
        subprocess.run([sys.executable, "run.py", "-m", *line], check=False).returncode
        for line in planned.lines
    ]
    print(f"{planned.part.name}: {(time.monotonic() - since) / 60:.1f} min", flush=True)
    if 130 in codes:  # Ctrl+C
        sys.exit(130)
    return not any(codes)


def show(planned: Sequence[Planned], to_gpu: Sequence[Part]) -> None:
    """Say what will be run and how long it takes, and what is left to a GPU."""
    table = Table(title="Reproduction", title_justify="left")
    table.add_column("part", no_wrap=True)
    table.add_column("what")
    for column in ("runs", "finished", "estimated"):
        table.add_column(column, justify="right")
    for each in planned:
        done = len(each.jobs) - each.left
        time_left = _time(each.estimate) if each.left else "–"
        table.add_row(each.part.name, each.part.about, str(len(each.jobs)), str(done), time_left)
    for part in to_gpu:
        table.add_row(part.name, part.about, "", "", "for a GPU", style="dim")
    console = Console()
    console.print(table)
    total = sum(each.estimate for each in planned if each.left)
    console.print(
        f"In all about {_time(total)}. Results: {OUTPUTS}/, then python -m reproduction.page"
    )


def _time(minutes: float) -> str:
    if minutes < 1.5:
        return "a minute"
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def _gpu() -> bool:
    return torch.cuda.is_available()


if __name__ == "__main__":
    main()
