"""What was run, in words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nullfit.data.copies import told_copies
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun


def about(study: Study) -> list[str]:
    """How many runs of which tasks there are, and how many did not finish."""
    tasks = by_task(study)
    runs = many(len(study.runs) + len(study.others), "finished run")
    counts = ", ".join(f"{len(found)} of task {task}" for task, found in tasks.items())
    told = f"{runs} of task {next(iter(tasks))}." if len(tasks) == 1 else f"{runs}: {counts}."
    lost = len(study.unfinished)
    are = "is" if lost == 1 else "are"
    more = f"{many(lost, 'more run')} did not finish and {are} listed below."
    return [told, more] if lost else [told]


def by_task(study: Study) -> dict[str, Sequence[TaskRun]]:
    """The runs by task, trainings first."""
    trainings: dict[str, Sequence[TaskRun]] = {"train": study.runs} if study.runs else {}
    return {**trainings, **study.of_tasks()}


def data_note(runs: Sequence[TaskRun]) -> str:
    """The data of runs in a line, e.g. "digits (1,437 training samples, 8×8×1)"."""
    told: dict[str, None] = {}
    for run in runs:
        data = run.result.get("data", {})
        details = []
        if "train_samples" in data:
            details.append(f"{data['train_samples']:,} training samples")
        if len(data.get("input_shape", ())) == 3:
            channels, height, width = data["input_shape"]
            details.append(f"{height}×{width}×{channels}")
        if "name" in data:
            told[data["name"] + (f" ({', '.join(details)})" if details else "")] = None
    return "; ".join(told)


def copies_notes(
    runs: Sequence[TaskRun], told: Callable[[Mapping[str, Any]], str] = told_copies
) -> list[str]:
    """What the data of runs say of test samples that are training samples, a sentence for each."""
    found: dict[str, None] = {}
    for run in runs:
        data = run.result.get("data", {})
        if copies := data.get("test_copies"):
            found[f"{data['name']}: {told(copies)}."] = None
    return list(found)


def many(number: int, noun: str) -> str:
    """A count of things: "1 run", "2,000 runs"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
