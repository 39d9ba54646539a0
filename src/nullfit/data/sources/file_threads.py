"""Work on many image files, in threads where that is faster."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TypeVar

from PIL import Image

Made = TypeVar("Made")

_CHUNK = 64
_SMALL_FILE_BYTES = 16 * 1024


def in_threads(work: Callable[[str], Made], paths: Sequence[str]) -> Iterator[Made]:
    """``work`` of each file, in their order; the first error ends it."""
    # The list of formats would fill at first use, which is not safe in several threads. The common
    # formats come first in it: each file is offered to the formats in turn.
    Image.preinit()
    Image.init()
    chunks = [paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK)]
    pool = ThreadPoolExecutor(_threads(paths))
    try:
        yield from chain.from_iterable(pool.map(lambda chunk: [work(p) for p in chunk], chunks))
    finally:
        pool.shutdown(cancel_futures=True)


def _threads(paths: Sequence[str]) -> int:
    """One for small files: Pillow is busy in Python then, and threads only wait for each other."""
    sample = paths[:: max(1, len(paths) // _CHUNK)]
    mean_bytes = sum(os.path.getsize(path) for path in sample) / max(1, len(sample))
    return 1 if mean_bytes < _SMALL_FILE_BYTES else os.cpu_count() or 1
