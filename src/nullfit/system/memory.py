"""How much memory this process may still take."""

import os
import sys
from pathlib import Path

import torch

_ROOT = Path("/")
_V2 = "sys/fs/cgroup"
_V1 = "sys/fs/cgroup/memory"


def available_memory(device: torch.device, root: Path = _ROOT) -> int | None:
    """Bytes that can still be allocated on ``device``; None if the system does not say.

    On a CPU the least of what the machine has left and what each control group that the process is
    in (a container, a batch job) has left; memory that the kernel would give back counts as left.
    """
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    found = [_of_machine(root), *_of_groups(root)]
    known = [bytes_left for bytes_left in found if bytes_left is not None]
    return min(known) if known else None


def _of_machine(root: Path) -> int | None:
    values = _table(root / "proc/meminfo")
    if "MemAvailable:" in values:
        return 1024 * values["MemAvailable:"]
    try:  # other systems than Linux
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return None


def _of_groups(root: Path) -> list[int | None]:
    """What is left in each control group on the way up from the process's own."""
    found = []
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "memory") and "memory" not in controllers.split(","):
            continue
        top = root / (_V1 if controllers else _V2)
        names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        if not controllers:
            names = ("memory.max", "memory.current", "inactive_file")
        own = top / path.lstrip("/")
        # In a container the path may be the host's: then the group is at the top of what is seen.
        for group in (own, *own.parents):
            found.append(_left(group, *names))
            if group == top:
                break
    return found


def _left(group: Path, limit: str, usage: str, reclaimable: str) -> int | None:
    allowed, used = _text(group / limit).strip(), _text(group / usage).strip()
    if not allowed.isdigit() or not used.isdigit():  # "max", or no such file
        return None
    given_back = _table(group / "memory.stat").get(reclaimable, 0)
    return max(int(allowed) - int(used) + given_back, 0)


def _table(path: Path) -> dict[str, int]:
    rows = (line.split() for line in _text(path).splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1].isdigit()}


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def peak_memory(device: torch.device) -> int | None:
    """The most bytes that this process has taken so far; None if the system does not say."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    try:
        import resource  # noqa: PLC0415
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
