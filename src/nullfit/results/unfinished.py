"""The runs of a study that have no result, and why."""

from nullfit.console.messages import say
from nullfit.errors import by_reason
from nullfit.results.failure import reason_of_failure
from nullfit.results.study import Study

NO_RESULT = "no result: interrupted or still running"


def say_unfinished(study: Study, left_out: str) -> None:
    """A line for each distinct reason; ``left_out`` says what becomes of such runs."""
    reasons = {folder: reason_of_failure(folder) or NO_RESULT for folder in study.unfinished}
    for reason, folders in by_reason(reasons).items():
        runs = "1 run" if len(folders) == 1 else f"{len(folders)} runs"
        example = f"{folders[0]}" if len(folders) == 1 else f"e.g. {folders[0]}"
        say(f"  {runs} unfinished, {left_out}, {example}: {reason}")
