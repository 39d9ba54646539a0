"""What a study asks."""

import re
import shlex
from collections.abc import Sequence
from itertools import takewhile

from nullfit.charts.appearance import network_words
from nullfit.config.composer import config_folder
from nullfit.config.explanations import heading
from nullfit.report.card.grid import varied
from nullfit.report.card.markup import section, text
from nullfit.results.settings import Setting
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun

_NAME = re.compile(r"experiment=([A-Za-z0-9_]+)")
_END = re.compile(r"Expected|python |Run time")  # of what an experiment's file says first
_NAMED = 6  # networks, data, corruptions or keys in a sentence
_NAMED_ALREADY = ("corruption.", "data.name", "model.name")


def question_section(study: Study, settings: Sequence[Setting], given: str | None) -> str:
    """The question as it was given, else an experiment's, else a sentence from what differs."""
    if (asked := asked_by_people(study.every_run, given)) is not None:
        return section("Question", asked)
    made = text(_made(study, settings))
    note = "Nobody wrote it down: give card.question."
    return section("Question", f"**Asked** (made from what differs in the study): {made}\n\n{note}")


def asked_by_people(runs: Sequence[TaskRun], given: str | None) -> str | None:
    """The question as it was given, else an experiment's, in Markdown; None if nobody wrote one."""
    if given is not None and given.strip():
        return f"**Asked:** {text(given)}"
    name = experiment_of(runs)
    told = None if name is None else _told_by(name)
    return None if told is None else f"**Asked** (from the file of experiment={name}): {text(told)}"


def experiment_of(runs: Sequence[TaskRun]) -> str | None:
    """The experiment that all runs with a command come from; None if they come from several."""
    commands = [run.result.get("command") for run in runs]
    found = {_experiment(command) for command in commands if command}
    return found.pop() if len(found) == 1 else None


def _experiment(command: str) -> str | None:
    try:
        words = shlex.split(command)
    except ValueError:  # an open quote: no command of ours
        return None
    named = [match[1] for word in words if (match := _NAME.fullmatch(word))]
    return named[-1] if named else None


def _told_by(experiment: str) -> str | None:
    """What the head of nullfit's own file of an experiment says; None without such a file."""
    path = config_folder() / "experiment" / f"{experiment}.yaml"
    if not path.is_file():
        return None
    lines = heading(path.read_text(encoding="utf-8"))
    said = takewhile(lambda line: not _END.match(line), lines)
    return " ".join(said) or None


def _made(study: Study, settings: Sequence[Setting]) -> str:
    asked = [_of_trainings(settings)] if settings else []
    tasks = list(study.of_tasks())
    if tasks:
        asked.append(f"What do the tasks {', '.join(tasks)} measure?")
    return " ".join(asked)


def _of_trainings(settings: Sequence[Setting]) -> str:
    runs = [run for setting in settings for run in setting.runs]
    models = _some([network_words(run.network) for run in runs])
    data = _some([str(run.result["data"]["name"]) for run in runs])
    labels = [setting.label for setting in settings]
    what = f"training and test accuracy of {models} on {data}"
    keys = [key for key in varied(runs) if not key.startswith(_NAMED_ALREADY)]
    changes = [f"under {_some(labels)}"] if len(set(labels)) > 1 else []
    changes += [f"with {_some(keys)}"] if keys else []
    if not changes:
        return f"What are the {what}, under {labels[0]}?"
    return f"How do {what} change {' and '.join(changes)}?"


def _some(names: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(names))
    more = f" and {len(distinct) - _NAMED} more" if len(distinct) > _NAMED else ""
    return ", ".join(distinct[:_NAMED]) + more
