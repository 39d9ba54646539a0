"""Measuring nullfit and what it is compared with in turns: the frame of all benchmarks.

A benchmark is one file of this folder, which runs alone and as part of ``make bench``::

    '''What is measured, against what, and what is left out.

        python benchmarks/rotation.py [--repeats 7] [--cores 2] [--tiny]
    '''
    from collections.abc import Iterator

    import torch
    from side_by_side import Asked, Measurement, compare, main, timed

    from nullfit.data.augmentation import flip_and_rotate

    def measure(asked: Asked) -> Iterator[Measurement]:
        images = torch.rand(100 if asked.tiny else 50_000, 3, 28, 28)
        ours, theirs = timed(lambda: whole_batches(images)), timed(lambda: one_by_one(images))
        yield compare("rotation/cifar", ours, theirs, asked)

    if __name__ == "__main__":
        main(__doc__, measure, repeats=7)

- ``rotation/cifar`` is the name of a line of ``targets.py``, which says what the figure means and
  what it has to reach (nothing, if it is shown only). The part before the slash is the file's name.
- A *way* of doing something is a function that does it once and returns the seconds it took:
  `timed` makes one of any function, with preparations that do not count. Where the clock runs in
  another process, or the figure is no time (memory), write the way yourself.
- `compare` runs both ways in turns, in an order that changes every round, after a warm-up that is
  not counted. The ratio is taken within a round, the median over rounds: what slows the machine
  down for a while slows both. Several ways to beat: ``best(a, b, c)``. Several figures from the
  same rounds: `in_turns`, then one `Measurement` for each.
- The comparison is what a competent user would write, checked (outside the clock) to do the same.
- ``asked.tiny`` asks for the smallest sizes that still run every line: that is what the tests do.
- The process, the threads and all children are confined to ``--cores`` cores before `measure` runs.

Alone, a benchmark prints its lines and exits with 1 if a target is missed; ``--write folder`` also
leaves ``<benchmark>.json`` there, of which ``performance_page.py`` makes the table in ``docs/``.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from machine import confine, machine
from measurement import Measurement, write
from tables import missed, show

__all__ = ["Asked", "Measurement", "Way", "best", "compare", "in_turns", "main", "timed"]

Way = Callable[[], float]
MISSED = 1


@dataclass(frozen=True)
class Asked:
    """What the command line asks for: rounds that count, cores, and whether sizes are tiny."""

    repeats: int
    cores: int
    tiny: bool


def timed(work: Callable[..., object], prepare: Callable[[], tuple[Any, ...]] = tuple) -> Way:
    """The seconds that ``work`` takes; ``prepare`` makes its arguments anew, outside the clock."""

    def way() -> float:
        arguments = prepare()
        began = time.perf_counter()
        work(*arguments)
        return time.perf_counter() - began

    return way


def best(*ways: Way) -> Way:
    """The fastest of several ways, in each round anew: what is to be beaten."""
    return lambda: min(way() for way in ways)


def in_turns(
    title: str, ways: Mapping[str, Way], asked: Asked, warm_up: int = 1
) -> dict[str, list[float]]:
    """What each way returned in each round that counts; every other round goes backwards."""
    figures: dict[str, list[float]] = {name: [] for name in ways}
    began, warm_up = time.monotonic(), 0 if asked.tiny else warm_up
    for done in range(warm_up + asked.repeats):
        order = list(ways.items())
        for name, way in order if done % 2 == 0 else reversed(order):
            figure = way()
            if done >= warm_up:
                figures[name].append(figure)
        _tell(title, done + 1, warm_up + asked.repeats, time.monotonic() - began)
    return figures


def compare(
    name: str, ours: Way, theirs: Way | None, asked: Asked, warm_up: int = 1, note: str = ""
) -> Measurement:
    """One measurement: our way, and in turns with it the other, if it is compared with any."""
    ways = {"ours": ours} if theirs is None else {"ours": ours, "theirs": theirs}
    figures = in_turns(name, ways, asked, warm_up)
    return Measurement(name, figures["ours"], figures.get("theirs", []), note)


def main(doc: str | None, measure: Callable[[Asked], Iterator[Measurement]], repeats: int) -> None:
    """The command line of a benchmark; leaves with exit code 1 if a target is missed."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=repeats, help="rounds that count")
    parser.add_argument("--cores", type=int, default=2, help="cores, and threads, to confine to")
    parser.add_argument("--tiny", action="store_true", help="sizes that say nothing: a dry run")
    parser.add_argument("--write", type=Path, help="folder for the results as JSON")
    given = parser.parse_args()
    asked = Asked(1 if given.tiny else given.repeats, given.cores, given.tiny)
    confine(asked.cores)
    found = list(measure(asked))
    show(found)
    if given.write is not None:
        write(given.write / f"{Path(sys.argv[0]).stem}.json", found, machine(asked.cores))
    behind = missed(found)
    for line in behind:
        print(line, file=sys.stderr)
    sys.exit(MISSED if behind else 0)


def _tell(title: str, done: int, rounds: int, seconds: float) -> None:
    """A line that is written over: a live display would run beside what is measured."""
    if sys.stderr.isatty():
        left = seconds / done * (rounds - done)
        text = f"{title}: round {done} of {rounds}, about {left:.0f} s left"
        width = os.get_terminal_size(sys.stderr.fileno()).columns - 1
        end = "\r" if done < rounds else "\r" + " " * width + "\r"
        print(text[:width].ljust(width), end=end, file=sys.stderr, flush=True)
