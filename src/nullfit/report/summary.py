"""What a study came to, in words and numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nullfit.results.levels import Spread
from nullfit.results.settings import Setting, networks_of
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun

_NAMED = 4  # networks, in the first sentence
_SIGMAS = 3  # within so many standard deviations of guessing a test accuracy is called chance


@dataclass(frozen=True)
class Line:
    """All runs under one corruption. Accuracies are fractions."""

    label: str
    corruption: str
    runs: int
    fitted: int
    diverged: int
    train: Spread | None
    test: Spread | None
    verdict: str


@dataclass(frozen=True)
class Summary:
    """The head of the page: ``about`` says what was run, ``lines`` what came of it."""

    about: list[str]
    lines: list[Line]
    chance: float


def summary_of(study: Study, settings: list[Setting]) -> Summary:
    """The summary of a study's settings."""
    chance = chance_of(study)
    labels = dict.fromkeys(setting.label for setting in settings)
    lines = [_line([s for s in settings if s.label == label], chance) for label in labels]
    return Summary(_about(study, settings, chance), lines, chance)


def chance_of(study: Study) -> float:
    """The accuracy of guessing among the classes of the study's first data set."""
    return 1 / int(study.runs[0].result["data"]["classes"])


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


def unfinished_note(study: Study) -> list[str]:
    """A sentence on the runs without a result, if there are any."""
    lost = len(study.unfinished)
    if not lost:
        return []
    are = "is" if lost == 1 else "are"
    return [f"{_many(lost, 'more run')} did not finish and {are} listed below."]


def about_tasks(study: Study) -> list[str]:
    """What was run in a study without trainings."""
    tasks = study.of_tasks()
    runs = _many(len(study.others), "finished run")
    counts = ", ".join(f"{len(found)} of task {task}" for task, found in tasks.items())
    told = f"{runs} of task {next(iter(tasks))}." if len(tasks) == 1 else f"{runs}: {counts}."
    return [told, *unfinished_note(study)]


def _about(study: Study, settings: list[Setting], chance: float) -> list[str]:
    networks = list(networks_of(settings))
    seeds = sorted({len(setting.runs) for setting in settings})
    count = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    fitted = sum(len(setting.fitted) for setting in settings)
    diverged = sum(len(setting.diverged) for setting in settings)
    thresholds = sorted({float(run.result["fit"]["threshold"]) for run in study.runs})
    level = " or ".join(f"{100 * value:g} %" for value in thresholds)
    named = f" ({', '.join(networks)})" if len(networks) <= _NAMED else ""
    data = study.runs[0].result["data"]
    sentences = [
        f"{_many(len(study.runs), 'finished run')} of {_many(len(networks), 'network')}{named} on "
        f"{data_note(study.runs)}: {_many(len(settings), 'setting')}, "
        f"{count} {'seed' if count == '1' else 'seeds'} each.",
        f"{fitted} of {_many(len(study.runs), 'run')} fitted the training set, that is, reached a "
        f"training accuracy of {level}" + (f"; {diverged} diverged." if diverged else "."),
        f"Guessing among {data['classes']} classes predicts {100 * chance:.1f} % of the "
        f"{data['test_samples']:,} test samples.",
    ]
    return sentences + unfinished_note(study)


def _line(settings: list[Setting], chance: float) -> Line:
    test = Spread.of(v for s in settings for v in s.values("test/accuracy"))
    return Line(
        settings[0].label,
        settings[0].corruption,
        sum(len(s.runs) for s in settings),
        sum(len(s.fitted) for s in settings),
        sum(len(s.diverged) for s in settings),
        Spread.of(v for s in settings for v in s.values("train/accuracy")),
        test,
        _verdict(test, settings, chance),
    )


def _verdict(test: Spread | None, settings: list[Setting], chance: float) -> str:
    if test is None:
        return "no result"
    samples = settings[0].runs[0].result["data"]["test_samples"]
    points = 100 * (test.mean - chance)
    if abs(test.mean - chance) <= _SIGMAS * math.sqrt(chance * (1 - chance) / max(samples, 1)):
        return "predicts nothing: chance"
    return f"{abs(points):.1f} points {'above' if points > 0 else 'below'} chance"


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
