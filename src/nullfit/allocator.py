"""Keeping freed memory instead of returning it to the system."""

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # of mallopt(3)
_LARGEST = 2**31 - 1


def keep_freed_memory() -> None:
    """Let glibc reuse large blocks that were freed; elsewhere nothing changes.

    By default it maps each block of some MiB anew and the kernel clears it page by page, which for
    the activations of small networks costs as much as computing them.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # musl has none
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, _LARGEST)
