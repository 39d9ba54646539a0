"""The machine that is measured on, and the share of it that is used."""

import datetime
import importlib.metadata
import os
import platform
import sys
from pathlib import Path
from typing import Any

_PACKAGES = ("nullfit", "torch", "torchvision", "pytorch-lightning", "wandb", "hydra-core", "numpy")
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def confine(cores: int) -> None:
    """Run on so many cores, with as many threads: this process, its threads and its children.

    Where the system cannot tie a process to cores (macOS), the number of threads alone is set.
    """
    os.environ.update(dict.fromkeys(_THREADS, str(cores)))
    if hasattr(os, "sched_setaffinity"):
        chosen = sorted(os.sched_getaffinity(0))[:cores]
        for thread in os.listdir("/proc/self/task"):
            os.sched_setaffinity(int(thread), chosen)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(cores)


def machine(cores: int) -> dict[str, Any]:
    """What a figure depends on: processor, cores, memory, system, versions; and the date."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processor": _processor(),
        "cores": f"{cores} of {os.cpu_count()}",
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {
            "python": platform.python_version(),
            **{package: importlib.metadata.version(package) for package in _PACKAGES},
        },
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((x.partition(":")[2].strip() for x in lines if x.startswith("model name")), "?")
