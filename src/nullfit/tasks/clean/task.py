"""``task=clean``: the suspects of a finished run, worst first."""

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from annotated_types import Gt, Lt
from pydantic import BaseModel, ConfigDict

from nullfit.config.folders import named_folder
from nullfit.config.schema import RunConfig
from nullfit.config.texts import HomePath
from nullfit.console.messages import name_files, one_line, say, warn
from nullfit.data.copies import told_copies
from nullfit.errors import UserError, command, hydra_word, override
from nullfit.ranges import PositiveInt
from nullfit.results.formats import percent
from nullfit.results.grouping import Group, groups_of
from nullfit.results.result import RESULT, Result, read_result
from nullfit.results.samples import SAMPLES, TAKEN_FOR, Samples, has_samples, read_samples
from nullfit.results.study import read_config, read_study
from nullfit.results.suspicion import SUSPICIOUS
from nullfit.results.task_run import TaskRun
from nullfit.runs.outcome import begin, complete
from nullfit.system.reading import is_regular

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Int64

    from nullfit.runs.preflight.look import Look
    from nullfit.tasks.clean.shown import Shown
    from nullfit.tasks.clean.suspects import Suspects

SUSPECTS = "suspects.csv"
_LIST_DIGEST = "list_digest"  # SHA-256 of suspects.csv as it was written
_NAMED = 5  # suspects in the terminal
_FIRST_CHOICE = ("aum", "held_out_probability")  # of probe=dynamics and task=memorization


class CleanSettings(BaseModel):
    """Whose suspects are listed, by which score, and how many."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    run: HomePath | None
    score: str | None
    share: Annotated[float, Gt(0), Lt(1)] | None
    count: PositiveInt | None


@dataclass(frozen=True)
class _Found:
    runs: list[TaskRun]
    samples: list[Samples]  # of the runs
    score: str
    suspects: "Suspects"
    count: int
    why: str  # so many


def clean(config: RunConfig, folder: Path, *, clean: CleanSettings) -> Result:
    """Write the samples whose labels look wrong as suspects.csv, worst first, and their pictures.

    It is done anew each time: there may be more runs.

    Raises:
        UserError: there is no such run, it scored no samples, its runs do not belong together, or
            nobody says how many suspects there are.
    """
    found = _found(clean)
    samples, first = found.suspects.samples, found.runs[0].result
    _keep_edited(folder)
    begin(config, folder)
    classes = first["data"]["class_names"]
    taken = _taken_for(found)
    found.suspects.write(folder / SUSPECTS, found.count, classes, taken)
    shown = _pictures(found, config, taken)
    drawn = []
    if shown is not None:
        from nullfit.charts.style import save

        drawn = save(shown.draw(first["data"]["class_names"]), folder / "suspects")
    chosen = found.suspects.order[: found.count]
    known = bool(samples.corrupted.any())
    precision = float(samples.corrupted[chosen].mean()) if known else None
    say(_summary(config, found, precision))
    say(_worst(found, classes, taken))
    if clean.score is None:
        others = ", ".join(name for name in samples.scores if name != found.score)
        say(f"  clean.score={found.score} was taken{f'; there are also {others}' * bool(others)}")
    if tied := found.suspects.tied(found.count):
        more = "one more sample ties" if tied == 1 else f"{tied:,} more samples tie"
        say(f"  {more} with the last one; the first of samples.csv are listed")
    guessed = precision is not None and precision < samples.corrupted.mean()
    if precision is not None and guessed:
        _warn_of_guessing(found, precision)
    copies = first["data"].get("test_copies")
    if copies:
        say(f"  {told_copies(copies)}")
    fields = {
        "data": {
            "name": first["data"]["name"],
            "train_samples": len(samples.index),
            "class_names": classes,
            **({"test_copies": copies} if copies else {}),
        },
        "corruption": first.get("corruption", {}),
        "metrics": {"precision": precision},
        "clean": {
            "score": found.score,
            "suspicious": SUSPICIOUS[found.score],
            "suspects": found.count,
            "share": found.count / len(samples.index),
            "runs": [str(run.folder) for run in found.runs],
            _LIST_DIGEST: sha256((folder / SUSPECTS).read_bytes()).hexdigest(),
        },
    }
    result = complete(config, folder, fields, None if shown is None else shown.arrays())
    name_files([folder / SUSPECTS, *drawn])
    if not guessed:
        _say_how_to_leave_out(first, folder / SUSPECTS)
    return result


def _keep_edited(folder: Path) -> None:
    """Put the list aside if someone deleted rows of it since it was written."""
    path = folder / SUSPECTS
    if not is_regular(path):
        return
    result = read_result(folder) or {}
    written = result.get("clean", {}).get(_LIST_DIGEST)
    if written is None or sha256(path.read_bytes()).hexdigest() == written:
        return
    number = next(n for n in count(1) if not os.path.lexists(folder / _edited(n)))
    path.rename(folder / _edited(number))
    say(f"  {path} was edited: it is kept as {_edited(number)}")


def _edited(number: int) -> str:
    return f"suspects-edited-{number}.csv"


def _worst(found: _Found, classes: Sequence[str], taken: "Int64[np.ndarray, ' n'] | None") -> str:
    """The first of the list, a line each."""
    samples, lines = found.suspects.samples, ["  worst first:"]
    for at in found.suspects.order[: min(found.count, _NAMED)].tolist():
        name = samples.file[at] or f"training sample {int(samples.index[at])}"
        other = -1 if taken is None else int(taken[at])
        answer = f", taken for {one_line(classes[other])}" if other >= 0 else ""
        label = one_line(classes[int(samples.label[at])])
        lines.append(f"    {one_line(str(name))}: {label}{answer}")
    return "\n".join(lines)


def _taken_for(found: _Found) -> "Int64[np.ndarray, ' n'] | None":
    """What the runs took each sample for where they were wrong; None if no run has it."""
    from nullfit.tasks.clean.suspects import taken_for

    samples = len(found.suspects.samples.index)
    stored = [run.arrays(TAKEN_FOR).get(TAKEN_FOR) for run in found.runs]
    whole = [one if one is not None and _is_of(one, samples) else None for one in stored]
    return taken_for(whole)


def _is_of(classes: "np.ndarray", samples: int) -> bool:
    return classes.shape == (samples,) and classes.dtype.kind == "i"


def _say_how_to_leave_out(run: Result, suspects: Path) -> None:
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


def refuse_beforehand(config: RunConfig, look: "Look", *, clean: CleanSettings) -> None:
    """What `clean` refuses.

    Raises:
        UserError: as `clean`.
    """
    look.file(lambda: _found(clean), "suspects", clean.model_dump())


def _found(clean: CleanSettings) -> _Found:
    from nullfit.tasks.clean.suspects import ranked

    runs = _runs(clean)
    samples = [read_samples(run.folder) for run in runs]
    score = _score(samples[0], runs[0].folder) if clean.score is None else clean.score
    suspects = ranked(samples, score)
    corrupted = suspects.samples.corrupted
    if clean.share is not None and clean.count is not None:
        raise UserError("clean.share and clean.count say the same: give only one of them.")
    if clean.count is not None:
        count, why = clean.count, ""
    elif clean.share is not None:
        count, why = max(1, round(clean.share * len(corrupted))), ""
    elif corrupted.any():
        count, why = int(corrupted.sum()), ", as many as have a corrupted label"
    else:
        raise UserError(
            "clean.share=null takes as many suspects as labels were corrupted, and none is known "
            "to be.\nSay how many there are: clean.share=0.1, or clean.count=100."
        )
    if count >= len(corrupted):
        raise UserError(f"{count:,} suspects are all {len(corrupted):,} samples: list fewer.")
    return _Found(runs, samples, score, suspects, count, why)


def _score(samples: Samples, folder: Path) -> str:
    """The score that is taken where none is asked for."""
    score = next((name for name in (*_FIRST_CHOICE, *samples.scores) if name in samples.scores), "")
    if not score:
        raise UserError(
            f"{folder / SAMPLES} has no score that finds wrong labels.\nGive the folder "
            "of a training with probe=dynamics or of task=memorization."
        )
    return score


def _runs(clean: CleanSettings) -> list[TaskRun]:
    """The run, or those of the study, that left scores."""
    if not clean.run:
        raise UserError(
            "task=clean needs clean.run=…: the folder of a finished run with probe=dynamics, "
            "probe=loss_mixture, task=memorization or task=prediction_depth, or a study of them."
        )
    folder = named_folder("clean.run", clean.run)
    if is_regular(folder / RESULT):
        result = read_result(folder)
        assert result is not None
        return [TaskRun(folder, result, read_config(folder))]
    runs = read_study(str(folder.parent), folder.name).every_run
    scored = [run for run in runs if has_samples(run.folder)]
    if not scored:
        raise UserError(
            f"clean.run={clean.run}: none of its {len(runs)} runs scored its samples.\nGive the "
            "folder of trainings with probe=dynamics, or of task=memorization."
        )
    groups = groups_of(scored)
    if len(groups) > 1:  # a training without suspects may stand beside the one they are of
        whole = [group for group in groups if not _left_out(group.runs[0])]
        if whole and len(whole) < len(groups):
            warn(f"clean.run={clean.run}: its runs that left samples out are not asked.")
        groups = whole or groups
    if len(groups) > 1:
        groups = _with_score(groups, clean.score) or groups
    if len(groups) > 1:
        raise UserError(
            f"clean.run={clean.run} has runs of {len(groups)} settings, e.g. "
            f"{groups[0].runs[0].folder.name} and {groups[1].runs[0].folder.name}: give the folder "
            "of one run, or a study whose runs differ in the seed alone."
        )
    return groups[0].runs


def _left_out(run: TaskRun) -> int:
    """How many samples its training was told to leave out."""
    return int(run.result["data"].get("left_out", 0))


def _with_score(groups: list[Group[TaskRun]], score: str | None) -> list[Group[TaskRun]]:
    """Those that have the score asked for, or the first choice that any has.

    So trainings stand in one study with tasks that were run on them.
    """
    found = [(group, read_samples(group.runs[0].folder).scores) for group in groups]
    for name in _FIRST_CHOICE if score is None else [score]:
        if having := [group for group, scores in found if name in scores]:
            return having
    return []


def _pictures(
    found: _Found, config: RunConfig, taken: "Int64[np.ndarray, ' n'] | None"
) -> "Shown | None":
    """The first suspects, read again from the source; None, and a line, if that cannot be."""
    from pydantic import ValidationError

    from nullfit.tasks.clean.shown import read_pictures

    suspects = found.suspects
    try:
        order = suspects.order[: found.count]
        return read_pictures(suspects.samples, order, found.runs[0], config, taken)
    except (UserError, ValidationError, OSError, KeyError) as error:
        warn(f"no pictures of the suspects: {str(error).splitlines()[0]}")
        return None


def _warn_of_guessing(found: _Found, precision: float) -> None:
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


def _summary(config: RunConfig, found: _Found, precision: float | None) -> str:
    total = len(found.suspects.samples.index)
    how_many = f"{found.count:,} of {total:,} samples ({percent(found.count / total)}%{found.why})"
    over = f", by mean rank over {len(found.runs)} runs" if len(found.runs) > 1 else ""
    right = "" if precision is None else f"; {percent(precision)}% of them have a corrupted label"
    end = SUSPICIOUS[found.score]
    return f"{config.job}: {how_many} of {end} {found.score}{over}{right}"
