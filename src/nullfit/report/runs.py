"""The runs of a study as the page lists them, finished or not."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nullfit.console.messages import number_of
from nullfit.errors import UserError
from nullfit.results.failure import reason_of_failure
from nullfit.results.job_folders import CONFIG
from nullfit.results.metrics_file import metrics_text
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun
from nullfit.results.unfinished import NO_RESULT
from nullfit.system.reading import SETTINGS_BYTES, read_regular


@dataclass(frozen=True)
class RunEntry:
    """A finished run. ``link`` leads from the page to its folder."""

    job: str
    link: str
    result: dict[str, Any]
    config: str


@dataclass(frozen=True)
class OtherEntry:
    """A run without a result, or of another task: ``kind`` says which, ``why`` what is known."""

    job: str
    link: str
    kind: str
    why: str


def run_entries(runs: Iterable[TaskRun]) -> list[RunEntry]:
    """Finished runs, in the order of their folders."""
    return [
        RunEntry(run.folder.name, _link(run.folder), run.result, _text(run.folder / CONFIG))
        for run in runs
    ]


def other_entries(study: Study, shown: Collection[str]) -> list[OtherEntry]:
    """What failed or was not finished, then the runs of tasks other than those ``shown``."""
    unfinished = [_unfinished(folder) for folder in study.unfinished]
    others = [
        OtherEntry(run.folder.name, _link(run.folder), "other task", f"task {run.task}")
        for run in study.others
        if run.task not in shown
    ]
    return unfinished + others


def environments(entries: Sequence[RunEntry]) -> list[tuple[str, int]]:
    """The versions and devices that runs were made with, and how many runs with each."""
    counts: dict[str, int] = {}
    for entry in entries:
        told = environment(entry.result)
        counts[told] = counts.get(told, 0) + 1
    return sorted(counts.items(), key=lambda item: -item[1])


def environment(result: dict[str, Any]) -> str:
    """Device, threads and versions of a run in a line."""
    versions = [f"{name} {version}" for name, version in result.get("versions", {}).items()]
    threads = number_of(result["threads"], "thread") if "threads" in result else "? threads"
    device = f"{result.get('device', 'unknown device')}, {threads}"
    return f"{device}: {', '.join(versions)}"


def _unfinished(folder: Path) -> OtherEntry:
    reason = reason_of_failure(folder)
    if reason is not None:
        return OtherEntry(folder.name, _link(folder), "failed", reason)
    why = NO_RESULT
    with suppress(OSError, UserError):
        why += f", {metrics_text(folder).strip().count(chr(10))} epochs done"
    return OtherEntry(folder.name, _link(folder), "unfinished", why)


def _link(folder: Path) -> str:
    return f"../{quote(folder.name)}/"


def _text(path: Path) -> str:
    try:
        return read_regular(path, SETTINGS_BYTES).decode(errors="replace")
    except (OSError, UserError):
        return ""
