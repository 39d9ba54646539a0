"""Who is left of a group of processes."""

import time
from pathlib import Path

_PATIENCE_SECONDS = 120.0


def gone(group: int) -> bool:
    """Whether all processes of a group have ended, soon. Nobody may have fetched their status."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while _members(group):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _members(group: int) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group, *_ = path.read_text().rpartition(")")[2].split()
        except (OSError, ValueError):  # it has just ended
            continue
        if int(its_group) == group and state != "Z":
            found.append(path.parent.name)
    return found
