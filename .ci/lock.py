"""Write requirements.lock: every package that nullfit needs, with the SHA-256 of its file.

It holds for the Python and the platform that it is made on, in the versions of constraints.txt.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
_OWN = "nullfit"


class NotLockedError(ValueError):
    """A package whose hash would be no other machine's."""


def locked(report: Mapping[str, Any], *, from_disk: bool = False) -> list[str]:
    """The lines of a lock, by name, from what ``pip install --report`` says it would install.

    Raises:
        NotLockedError: a package has no hash, or comes from this machine's disk: a mirror may hold
            a build of its own, as it does where torch is one for the CPU. ``from_disk`` takes it.
    """
    lines = []
    for item in report["install"]:
        name, version = item["metadata"]["name"], item["metadata"]["version"]
        if name == _OWN:
            continue
        source = item["download_info"]
        digest = source.get("archive_info", {}).get("hashes", {}).get("sha256")
        if digest is None:
            raise NotLockedError(
                f"{name} {version} is no file with a SHA-256: it cannot be locked."
            )
        if not from_disk and urlsplit(source["url"]).scheme == "file":
            raise NotLockedError(
                f"{name} {version} comes from this machine's disk, so that its hash may be no "
                "other machine's: unset pip's find-links and local indexes, or give --from-disk "
                "for a lock that only your own mirror can serve."
            )
        lines.append(f"{name}=={version} --hash=sha256:{digest}")
    return sorted(lines, key=str.lower)


def header() -> str:
    """What a lock says of itself."""
    version = ".".join(platform.python_version_tuple()[:2])
    return (
        f"# Made by `make lock` on Python {version}, {platform.system()} {platform.machine()}.\n"
        "# pip install --require-hashes -r requirements.lock && pip install --no-deps -e .\n"
    )


def resolved(requirements: Sequence[str]) -> dict[str, Any]:
    """What pip would install for requirements, in an empty environment."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"),
            *("--ignore-installed", "--report", str(report), *requirements),
        ]
        subprocess.run(command, cwd=ROOT, check=True)
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return found


def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "requirements.lock")
    parser.add_argument("--from-disk", action="store_true", help="files of a mirror on this disk")
    parser.add_argument(
        "requirements", nargs="*", help="as pip takes them; none: all that nullfit needs"
    )
    arguments = parser.parse_args()
    wanted = arguments.requirements or ["--constraint", "constraints.txt", "torch", ".[dev]"]
    try:
        lines = locked(resolved(wanted), from_disk=arguments.from_disk)
    except NotLockedError as refusal:
        print(f"Nothing is locked: {refusal}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        return int(error.returncode)  # pip has said what is wrong
    arguments.output.write_text(header() + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"wrote {arguments.output}: {len(lines)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(_main())
