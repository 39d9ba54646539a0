"""``task=clean``: the suspects of a finished run, worst first."""

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from nullfit.config.schema import RunConfig
from nullfit.console.messages import name_files, say, warn
from nullfit.data.copies import told_copies
from nullfit.errors import UserError
from nullfit.results.result import Result
from nullfit.results.samples import TAKEN_FOR
from nullfit.results.suspicion import SUSPICIOUS
from nullfit.runs.outcome import begin, complete
from nullfit.tasks.clean.account import say_how_to_leave_out, summary, warn_of_guessing, worst_first
from nullfit.tasks.clean.edited_list import LIST_DIGEST, SUSPECTS, keep_edited
from nullfit.tasks.clean.found import Found, find
from nullfit.tasks.clean.settings import CleanSettings

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Int64

    from nullfit.runs.preflight.look import Look
    from nullfit.tasks.clean.shown import Shown


def clean(config: RunConfig, folder: Path, *, clean: CleanSettings) -> Result:
    """Write the samples whose labels look wrong as suspects.csv, worst first, and their pictures.

    It is done anew each time: there may be more runs.

    Raises:
        UserError: there is no such run, it scored no samples, its runs do not belong together, or
            nobody says how many suspects there are.
    """
    found = find(clean)
    samples, first = found.suspects.samples, found.runs[0].result
    keep_edited(folder)
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
    say(summary(config, found, precision))
    say(worst_first(found, classes, taken))
    if clean.score is None:
        others = ", ".join(name for name in samples.scores if name != found.score)
        say(f"  clean.score={found.score} was taken{f'; there are also {others}' * bool(others)}")
    if tied := found.suspects.tied(found.count):
        more = "one more sample ties" if tied == 1 else f"{tied:,} more samples tie"
        say(f"  {more} with the last one; the first of samples.csv are listed")
    guessed = precision is not None and precision < samples.corrupted.mean()
    if precision is not None and guessed:
        warn_of_guessing(found, precision)
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
            LIST_DIGEST: sha256((folder / SUSPECTS).read_bytes()).hexdigest(),
        },
    }
    result = complete(config, folder, fields, None if shown is None else shown.arrays())
    name_files([folder / SUSPECTS, *drawn])
    if not guessed:
        say_how_to_leave_out(first, folder / SUSPECTS)
    return result


def _taken_for(found: Found) -> "Int64[np.ndarray, ' n'] | None":
    """What the runs took each sample for where they were wrong; None if no run has it."""
    from nullfit.tasks.clean.suspects import taken_for

    samples = len(found.suspects.samples.index)
    stored = [run.arrays(TAKEN_FOR).get(TAKEN_FOR) for run in found.runs]
    whole = [one if one is not None and _is_of(one, samples) else None for one in stored]
    return taken_for(whole)


def _is_of(classes: "np.ndarray", samples: int) -> bool:
    return classes.shape == (samples,) and classes.dtype.kind == "i"


def refuse_beforehand(config: RunConfig, look: "Look", *, clean: CleanSettings) -> None:
    """What `clean` refuses.

    Raises:
        UserError: as `clean`.
    """
    look.file(lambda: find(clean), "suspects", clean.model_dump())


def _pictures(
    found: Found, config: RunConfig, taken: "Int64[np.ndarray, ' n'] | None"
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
