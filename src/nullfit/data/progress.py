"""A progress bar for what turns out to take long."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

_PATIENCE_SECONDS = 1.0


def track(items: Iterable[Item], total: int, description: str) -> Iterator[Item]:
    """Yield ``items``; after a second show on stderr how many of ``total`` are done.

    Nothing is shown where stderr is not a terminal.
    """
    if not sys.stderr.isatty():
        yield from items
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
