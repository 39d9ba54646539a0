"""What was done to the data of a study."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from nullfit.charts.appearance import look, place
from nullfit.config.composer import option_files
from nullfit.config.explanations import heading
from nullfit.config.targets import without_place
from nullfit.report.card.markup import section, table, text
from nullfit.report.card.words import range_words, settings_words
from nullfit.report.summary import by_task
from nullfit.results.formats import percent
from nullfit.results.grouping import draws_labels, groups_of
from nullfit.results.settings import Setting
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun

_CHANGED = {"labels": "labels_changed", "images": "images_changed", "entries": "entries_changed"}
_NO_SETTINGS = ("name", "_target_", "apply_to", "fresh", "steps")


def corruptions_section(study: Study, settings: Sequence[Setting]) -> str:
    """Each corruption in a sentence, and the share of samples that it changed, as measured."""
    found: dict[str, list[TaskRun]] = {}
    for setting in settings:
        found.setdefault(setting.label, []).extend(setting.runs)
    for task, runs in by_task(study).items():
        for group in groups_of(runs) if task != "train" else []:
            if group.runs[0].result.get("corruption"):
                found.setdefault(group.label, []).extend(group.runs)
    if not any(run.corruption != "none" for runs in found.values() for run in runs):
        return section("Corruptions", "None: all data are true.")
    everyone = [run for runs in found.values() for run in runs]
    kinds = {
        part: key
        for part, key in _CHANGED.items()
        if any(key in run.result["corruption"] for run in everyone)
    }
    told: list[str] = []
    rows = []
    for label, runs in sorted(found.items(), key=_by_strength):
        sentences = _sentences(runs[0])
        row = {
            "corruption": label,
            "what it does": "as above" if sentences in told else sentences,
            "settings": _settings(runs[0]),
            **{
                f"{part} changed, %": range_words(
                    [run.result["corruption"].get(key) for run in runs], percent
                )
                for part, key in kinds.items()
            },
            "test samples": "corrupted as well" if _of_test(runs[0]) else "as they are",
        }
        told.append(sentences)
        rows.append(row)
    note = (
        "Changed are shares of the training set as they were measured, lowest – highest over runs; "
        "a label counts where its new class is another than the true one. Test labels are never "
        "corrupted."
    )
    return section("Corruptions", table(rows), text(note))


def _by_strength(named: tuple[str, list[TaskRun]]) -> tuple[int, float]:
    """As corruptions stand everywhere, mild before strong."""
    run = named[1][0]
    return place(run.corruption), next(iter(run.strength.values()), 0.0)


def _sentences(run: TaskRun) -> str:
    """What the corruption of a run does; of a chain, what each of its steps does."""
    if draws_labels(run):
        return f"Labels that task {run.task} draws itself."
    corruption = _corruption(run)
    told = [_sentence(corruption)]
    for number, step in enumerate(_steps(corruption), start=1):
        words = settings_words(_own(step))
        name = look(str(step.get("name"))).label
        told.append(f"({number}) {name}{f', {words}' if words else ''}: {_sentence(step)}")
    if corruption.get("fresh") is True:
        told.append("Drawn anew in each epoch.")
    return " ".join(told)


def _settings(run: TaskRun) -> str:
    return settings_words(_own(_corruption(run))) or "–"


def _corruption(run: TaskRun) -> Mapping[str, Any]:
    return run.config.get("corruption") or {"name": run.corruption}


def _steps(corruption: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Those of a chain."""
    steps = corruption.get("steps")
    given = steps if isinstance(steps, list) else []
    return [step if isinstance(step, Mapping) else {"name": step} for step in given]


def _sentence(corruption: Mapping[str, Any]) -> str:
    """What the file of its option says first."""
    content, _ = _file(corruption)
    may_stay = _own(corruption).get("always_change") is False
    stays = " The random class may be the true one." if may_stay else ""
    return (" ".join(heading(content)) or "Not described in the files.") + stays


def _own(corruption: Mapping[str, Any]) -> dict[str, Any]:
    """Its settings; those that are not given are of its file."""
    given = {**_file(corruption)[1], **corruption}
    return {key: value for key, value in given.items() if key not in _NO_SETTINGS}


def _file(corruption: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The file of an option, and what it sets; empty if there is none of that function."""
    path = option_files("corruption").get(str(corruption.get("name")))
    try:
        content = "" if path is None else path.read_text(encoding="utf-8")
        values = yaml.safe_load(content)
    except (OSError, ValueError, yaml.YAMLError):
        return "", {}
    if not isinstance(values, Mapping) or _target(corruption, values) != _target(values, values):
        return "", {}
    return content, values


def _target(corruption: Mapping[str, Any], file: Mapping[str, Any]) -> str | None:
    """Its function; a step of a chain may leave it to the file."""
    target = corruption.get("_target_", file.get("_target_"))
    return without_place("corruption", str(target))


def _of_test(run: TaskRun) -> bool:
    """Whether its corruption is meant for test samples as well."""
    corruption = _corruption(run)
    return any(map(_is_for_test, _steps(corruption) or [corruption]))


def _is_for_test(corruption: Mapping[str, Any]) -> bool:
    """By its own setting, or that of its file."""
    where = corruption.get("apply_to") or _file(corruption)[1].get("apply_to")
    return corruption.get("name") != "none" and where in ("test", "both")
