"""A progress bar for what turns out to take long."""

import sys
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TypeVar

Item = TypeVar("Item")

_PATIENCE_SECONDS = 1.0
_LINE_SECONDS = 30.0


def track(items: Iterable[Item], total: int, description: str) -> Iterator[Item]:
    """Yield ``items``; after a second show on stderr how many of ``total`` are done.

    Where stderr is not a terminal, a line every half minute says it.
    """
    if not sys.stderr.isatty():
        yield from _with_lines(items, total, description)
        return
    from rich import console  # noqa: PLC0415
    from rich import progress as bars  # noqa: PLC0415

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeRemainingColumn(),
    )
    progress = bars.Progress(*columns, console=console.Console(stderr=True), transient=True)
    task = progress.add_task(description, total=total)
    start, shown = time.monotonic(), False
    try:
        for item in items:
            if not shown and time.monotonic() - start > _PATIENCE_SECONDS:
                progress.start()
                shown = True
            yield item
            progress.advance(task)
    finally:
        progress.stop()


def _with_lines(items: Iterable[Item], total: int, description: str) -> Iterator[Item]:
    start = said = time.monotonic()
    for done, item in enumerate(items):
        now = time.monotonic()
        if done and now - said >= _LINE_SECONDS:
            said = now
            left = timedelta(seconds=round((now - start) / done * (total - done)))
            print(f"{description}: {done} of {total}, {left} left", file=sys.stderr)
        yield item
