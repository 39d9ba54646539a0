"""What is said of the suspects that were found."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nullfit.config.schema import RunConfig
from nullfit.console.messages import one_line, say, warn
from nullfit.errors import command, hydra_word, override
from nullfit.results.formats import percent
from nullfit.results.result import Result
from nullfit.results.suspicion import SUSPICIOUS
from nullfit.tasks.clean.found import Found

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Int64


_NAMED = 5  # suspects in the terminal


def worst_first(
    found: Found, classes: Sequence[str], taken: "Int64[np.ndarray, ' n'] | None"
) -> str:
    """The first of the list, a line each."""
    samples, lines = found.suspects.samples, ["  worst first:"]
    for at in found.suspects.order[: min(found.count, _NAMED)].tolist():
        name = samples.file[at] or f"training sample {int(samples.index[at])}"
        other = -1 if taken is None else int(taken[at])
        answer = f", taken for {one_line(classes[other])}" if other >= 0 else ""
        label = one_line(classes[int(samples.label[at])])
        lines.append(f"    {one_line(str(name))}: {label}{answer}")
    return "\n".join(lines)


def say_how_to_leave_out(run: Result, suspects: Path) -> None:
    """Say with which command one trains without them."""
    about = run.get(run["task"])  # of a task on the network of a run: how that was trained
    trained = about.get("command") if isinstance(about, dict) else None
    path = str(suspects)
    again = _training(str(trained or run.get("command") or ""), run["task"])
    how = override("data.leave_out", path)
    if before := run["data"].get("left_out"):
        how += f", once the {before:,} left out before are in it, too"
    elif again:
        how = command(*again, hydra_word("data.leave_out", path))
    say(f"  delete the rows of those that look right, then train without them: {how}")


def _training(command: str, task: str) -> list[str]:
    """The words of a training with the settings of a task's run: without what is the task's."""
    try:
        _, _, *words = shlex.split(command)  # of python run.py
    except ValueError:  # another's file
        return []
    return [word for word in words if not word.startswith(("task=", f"{task}."))]


def warn_of_guessing(found: Found, precision: float) -> None:
    """Warn that the score finds fewer corrupted labels than chance, and which one finds most."""
    from nullfit.tasks.clean.suspects import best_score

    best, area = best_score(found.samples)
    better = (
        "no score here orders them better"
        if best == found.score
        else f"clean.score={best} finds them best here (area under the ROC curve {area:.3f})"
    )
    warn(
        f"worse than guessing: {percent(precision)}% of the suspects have a corrupted label, "
        f"{percent(float(found.samples[0].corrupted.mean()))}% of all samples do; {better}"
    )


def summary(config: RunConfig, found: Found, precision: float | None) -> str:
    """How many were found by which score, and how many of them are right if that is known."""
    total = len(found.suspects.samples.index)
    how_many = f"{found.count:,} of {total:,} samples ({percent(found.count / total)}%{found.why})"
    over = f", by mean rank over {len(found.runs)} runs" if len(found.runs) > 1 else ""
    right = "" if precision is None else f"; {percent(precision)}% of them have a corrupted label"
    end = SUSPICIOUS[found.score]
    return f"{config.job}: {how_many} of {end} {found.score}{over}{right}"
