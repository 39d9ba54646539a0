"""What is left of the machine's memory and of each control group's."""

import resource
from pathlib import Path

import pytest
import torch

from nullfit.system.memory import available_memory, peak_memory

CPU = torch.device("cpu")
MEMINFO = "MemTotal: 32000 kB\nMemFree: 100 kB\nMemAvailable: 20000 kB\n"


def files(root: Path, **contents: str) -> Path:
    given = {"proc/meminfo": MEMINFO, **contents}
    for name, content in given.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def group(folder: str, limit: str, used: int, inactive: int = 0) -> dict[str, str]:
    return {
        f"{folder}/memory.max": limit,
        f"{folder}/memory.current": str(used),
        f"{folder}/memory.stat": f"anon 5\ninactive_file {inactive}\n",
    }


V2 = "sys/fs/cgroup"
CASES = {
    "no group": ({}, 20_000 * 1024),
    "a group without a limit": (
        {"proc/self/cgroup": "0::/\n", **group(V2, "max", 7)},
        20_000 * 1024,
    ),
    "a container": ({"proc/self/cgroup": "0::/\n", **group(V2, "5000", 1000, 300)}, 4300),
    "the group above is the narrower one": (
        {
            "proc/self/cgroup": "0::/job/step\n",
            **group(f"{V2}/job/step", "9000", 1000),
            **group(f"{V2}/job", "6000", 2500),
        },
        3500,
    ),
    "a path that is not seen from inside": (
        {"proc/self/cgroup": "0::/docker/abc\n", **group(V2, "5000", 1000)},
        4000,
    ),
    "the first version": (
        {
            "proc/self/cgroup": "4:cpu:/x\n3:memory:/x\n",
            "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "8000",
            "sys/fs/cgroup/memory/x/memory.usage_in_bytes": "5000",
            "sys/fs/cgroup/memory/x/memory.stat": "total_inactive_file 10\n",
        },
        3010,
    ),
    "more used than allowed": ({"proc/self/cgroup": "0::/\n", **group(V2, "10", 30)}, 0),
}


@pytest.mark.parametrize(("contents", "expected"), CASES.values(), ids=CASES.keys())
def test_the_least_of_what_is_left(tmp_path, contents, expected):
    assert available_memory(CPU, files(tmp_path, **contents)) == expected


def test_another_system_tells_the_whole_memory(tmp_path):
    found = available_memory(CPU, tmp_path)
    assert found is not None
    assert found > 2**28


def test_peak_is_that_of_the_process():
    assert peak_memory(CPU) == resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
