"""What the report says of ``task=clean``."""

from collections.abc import Sequence
from pathlib import Path

from nullfit.report.section import Material, Picture, Section, TaskRun, filled
from nullfit.results.formats import percent
from nullfit.results.grouping import corruption_label
from nullfit.tasks.clean.shown import PICTURES, Shown

_TEXT = [
    "The samples of a training whose labels look wrong by a score, worst first; suspects.csv lists "
    "them, and data.leave_out takes it. Over several runs their mean ranks count. Precision is the "
    "share of the listed labels that were corrupted, where that is known.",
    f"Pictures are of the first {PICTURES} suspects at most, by rank, which stands before each "
    "row. Under each stands its label, before it the true one where it is another, and below it "
    "what the network took the sample for when it was last wrong.",
]
_CAUTION = (
    "A suspect is a sample that was hard to learn: rare and ambiguous ones are listed, too, and so "
    "many are listed as were asked for. Look at them before you leave them out."
)


def sections(of: Material) -> list[Section]:
    """A row and the worst suspects of each list."""
    return [
        Section(
            title="Labels that look wrong",
            text=_TEXT,
            warnings=[_CAUTION],
            table=filled(_row(run) for run in of.runs),
            pictures=[picture for run in of.runs for picture in _pictures(run)],
        )
    ]


def _row(run: TaskRun) -> dict[str, str]:
    about, precision = run.result["clean"], run.result["metrics"].get("precision")
    return {
        "data": str(run.result["data"]["name"]),
        "corruption": corruption_label(run),
        "of": _names(about["runs"]),
        "score": f"{about['suspicious']} {about['score']}",
        "suspects": f"{about['suspects']:,} of {run.result['data']['train_samples']:,}",
        "precision %": "–" if precision is None else percent(precision),
    }


def _names(runs: Sequence[str]) -> str:
    first = Path(runs[0]).name
    return first if len(runs) == 1 else f"{first} and {len(runs) - 1} more"


def _pictures(run: TaskRun) -> list[Picture]:
    shown = Shown.of_arrays(run.arrays())
    if shown is None:
        return []
    name = run.folder.name
    title = f"{run.result['clean']['score']}, {name}"
    return [Picture(f"suspects_{name}", title, shown.draw(run.result["data"]["class_names"]))]
