"""The data of a study, and what the files know of which they are."""

from collections.abc import Sequence

from nullfit.report.card.markup import section, table, text
from nullfit.report.summary import copies_notes
from nullfit.results.task_run import TaskRun

# Sources that check the publisher's files by their digests whenever they read them.
PUBLISHED = ("mnist", "fashion_mnist", "cifar10", "cifar100", "svhn")
_ROLES = {"data": "data", "left_out": "samples left out", "corruption": "corruption"}
_UNKNOWN = "not known to the files"
_NAMED = 10  # classes of a data set; of one with more than so many the first are named


def data_section(runs: Sequence[TaskRun]) -> str:
    """A row for each data set as it was used."""
    rows, classes = [], dict[str, None]()
    for run in runs:
        data = run.result.get("data", {})
        if not data.get("name"):
            continue
        shape = data.get("input_shape", [])
        row = {
            "data": data["name"],
            "training": _count(data.get("train_samples")),
            "validation": _count(data.get("val_samples", 0)),
            "test": _count(data.get("test_samples")),
            "left out": _count(data.get("left_out", 0)),
            "input": "×".join(map(str, [*shape[1:], *shape[:1]])) or "–",
            "classes": _count(data.get("classes")),
            "digest": digest_of(run),
        }
        if row not in rows:
            rows.append(row)
            classes |= dict.fromkeys(_classes(run))
    note = (
        "Digests are SHA-256: of a file's bytes, of a folder the names, sizes and times of its "
        "files. A copy of a folder whose files have other times has another digest, though the "
        "images are the same. Runs of earlier versions did not record digests."
    )
    copies = [text(line) for line in copies_notes(runs)]
    told = [text(line) for line in classes]
    unused = [key for key in ("validation", "left out") if all(row[key] == "0" for row in rows)]
    rows = [{key: value for key, value in row.items() if key not in unused} for row in rows]
    return section("Data", table(rows) or "No run tells of data.", *told, *copies, note)


def _classes(run: TaskRun) -> list[str]:
    """A line on the classes of a run's data and their test samples, as far as it tells of them."""
    names = run.result["data"].get("class_names")
    if not isinstance(names, list) or not names:
        return []
    counts = run.test_counts
    if counts is None or len(counts) != len(names):
        what, told = "Classes", [str(name) for name in names]
    else:
        what = "Test samples by class"
        told = [f"{name} {count:,}" for name, count in zip(names, counts, strict=True)]
    left = len(told) - _NAMED
    more = [f"and {left:,} more classes"] if left > 0 else []
    ends = f"; from {min(counts):,} to {max(counts):,} in a class" if more and counts else ""
    return [f"{what} ({name_of(run)}): {', '.join([*told[:_NAMED], *more])}{ends}."]


def digest_of(run: TaskRun) -> str:
    """Digests of the files that a run read, as far as it recorded which they were."""
    digests = run.result.get("digests")
    if isinstance(digests, dict) and digests:
        return "; ".join(f"{_ROLES.get(role, role)}: {_told(d)}" for role, d in digests.items())
    if not is_ours(run):
        return _UNKNOWN
    name = name_of(run)
    if name in PUBLISHED:
        return "the publisher's files, checked when they were read"
    if name == "digits":
        version = run.result.get("versions", {}).get("scikit-learn", "of unknown version")
        return f"in scikit-learn {version}"
    return "drawn, by its settings alone" if name == "gaussian" else _UNKNOWN


def name_of(run: TaskRun) -> str | None:
    """The name of its data set."""
    name = run.result.get("data", {}).get("name")
    return None if name is None else str(name)


def is_ours(run: TaskRun) -> bool:
    """Whether the data came from a source of nullfit's, not from one of the user's own."""
    return str((run.config.get("data") or {}).get("_target_")).startswith("nullfit.data.")


def _told(digest: object) -> str:
    return ", ".join(map(str, digest)) if isinstance(digest, list) else str(digest)


def _count(number: object) -> str:
    return f"{number:,}" if isinstance(number, int) else "–"
