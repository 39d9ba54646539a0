"""From which training accuracy runs were said to have fitted their training set."""

from collections import Counter
from collections.abc import Iterable

from nullfit.results.formats import percent
from nullfit.results.task_run import TaskRun


def threshold_of(run: TaskRun) -> float | None:
    """The training accuracy from which a run counted as fitted; None where it does not say."""
    threshold = run.result["fit"].get("threshold")
    return None if threshold is None else float(threshold)


def threshold_text(threshold: float) -> str:
    """A threshold in as few digits as it has: "99 %"."""
    return percent(threshold, 2).rstrip("0").rstrip(".") + " %"


def common_threshold(runs: Iterable[TaskRun]) -> str | None:
    """The threshold that runs were judged by, as a text; None if they differ, or none says it."""
    found = {threshold for run in runs if (threshold := threshold_of(run)) is not None}
    return threshold_text(found.pop()) if len(found) == 1 else None


def threshold_note(runs: Iterable[TaskRun]) -> str | None:
    """A line on runs that were judged by different thresholds; None if they all were by one.

    It has to stand wherever their counts of fitted runs or their times to fit stand together.
    """
    counts = Counter(threshold for run in runs if (threshold := threshold_of(run)) is not None)
    if len(counts) < 2:
        return None
    texts = [
        f"{number} run{'' if number == 1 else 's'} from {threshold_text(threshold)}"
        for threshold, number in sorted(counts.items())
    ]
    return (
        f"Counted as fitted: {', '.join(texts)} training accuracy on. "
        "Times to fit are not comparable between them."
    )
