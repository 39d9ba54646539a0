"""Keeping freed memory instead of returning it to the system."""

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_MMAP_MAX = -1, -3, -4  # of mallopt(3)
_LARGEST = 2**31 - 1
_LARGE_BLOCK, _MOST_BLOCKS = 2**18, 2**16


def keep_freed_memory() -> None:
    """Let glibc reuse large blocks that were freed; elsewhere nothing changes.

    By default it maps each block of some MiB anew and the kernel clears it page by page, which for
    the activations of small networks costs as much as computing them.
    """
    _set({_M_MMAP_MAX: 0, _M_TRIM_THRESHOLD: _LARGEST})


def return_freed_memory() -> None:
    """Let glibc map every large block for itself and return it when it is freed.

    For processes that hand on one large block after the other: up to release 2.37 glibc does not
    find again what an aligned block leaves behind in its heap, which then grows with every block.
    """
    _set({_M_MMAP_MAX: _MOST_BLOCKS, _M_MMAP_THRESHOLD: _LARGE_BLOCK})


def _set(options: dict[int, int]) -> None:
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # musl has none
        return
    for option, value in options.items():
        mallopt(option, value)
