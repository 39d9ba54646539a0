"""Fill in the table of ``docs/performance.md``.

    make bench && python benchmarks/performance_page.py outputs/benchmarks

The results given are kept in ``docs/performance/``, and the table is made of all that lie there:
a benchmark that was not run again keeps its line, with its own date.
"""

import argparse
import shutil
from pathlib import Path
from typing import Any

from measurement import Measurement, read
from tables import markdown
from targets import TARGETS

DOCS = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- table: made by benchmarks/performance_page.py -->\n", "<!-- end of table -->\n"


def main() -> None:
    """Keep the new results, make the table of all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("results", type=Path, nargs="?", help="folder with new results")
    parser.add_argument("--docs", type=Path, default=DOCS)
    given = parser.parse_args()
    kept = given.docs / "performance"
    for path in [] if given.results is None else sorted(given.results.glob("*.json")):
        kept.mkdir(exist_ok=True)
        shutil.copy(path, kept / path.name)
    page = given.docs / "performance.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(before + BEGIN + "\n" + table(kept) + "\n" + END + after, encoding="utf-8")


def table(folder: Path) -> str:
    """What is kept in a folder: a line for each machine and date, and the lines of the targets."""
    found: dict[str, Measurement] = {}
    machines: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.json")):
        machine, measurements = read(path)
        found |= {each.name: each for each in measurements}
        machines.setdefault(_told(machine), []).append(f"`{path.stem}`")
    lines = [f"{', '.join(names)}: {machine}.\n" for machine, names in machines.items()]
    order = [target.name for target in TARGETS if target.name in found]
    return "\n".join(lines) + "\n" + markdown([found[name] for name in order])


def _told(machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}; {versions}; {machine['date']}"
    )


if __name__ == "__main__":
    main()
