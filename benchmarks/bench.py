"""All CPU benchmarks, each in a process of its own, and one table at the end: ``make bench``.

    python benchmarks/bench.py [--only startup] [--tiny] [--write outputs/benchmarks]

What is run are the benchmarks that ``targets.py`` names. Exit code 1 if a target is missed, or
could not be measured.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from measurement import Measurement, read
from tables import missed, show
from targets import LONG, TARGETS

FOLDER = Path(__file__).parent


def main() -> None:
    """Run, show, judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="*", help="names of benchmarks; else all but the longest")
    parser.add_argument("--tiny", action="store_true", help="sizes that say nothing: a dry run")
    parser.add_argument("--write", type=Path, default=Path("outputs/benchmarks"))
    given = parser.parse_args()
    began = time.monotonic()
    names = dict.fromkeys(target.benchmark for target in TARGETS)
    chosen = given.only or [name for name in names if name not in LONG]
    found: list[Measurement] = []
    for name in chosen:
        found += _run(name, given.write, ["--tiny"] if given.tiny else [])
    show(found)
    print(f"{(time.monotonic() - began) / 60:.1f} minutes; results in {given.write}/")
    measured = {each.name for each in found}
    absent = [t.name for t in TARGETS if t.benchmark in chosen and t.name not in measured]
    behind = [*missed(found), *(f"MISSED {name}: it was not measured" for name in absent)]
    for line in behind:
        print(line, file=sys.stderr)
    sys.exit(1 if behind else 0)


def _run(name: str, folder: Path, options: list[str]) -> list[Measurement]:
    """What one benchmark measured; nothing if it failed, after it has said why."""
    print(f"== {name}", flush=True)
    began = time.monotonic()
    results = folder / f"{name}.json"
    results.unlink(missing_ok=True)
    command = [sys.executable, str(FOLDER / f"{name}.py"), "--write", str(folder), *options]
    subprocess.run(command, check=False)
    print(f"{time.monotonic() - began:.0f} s", flush=True)
    return read(results)[1] if results.is_file() else []


if __name__ == "__main__":
    main()
