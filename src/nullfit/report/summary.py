"""What a study came to, in words and numbers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nullfit.results.formats import percent
from nullfit.results.settings import Setting, networks_of
from nullfit.results.spread import Spread
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun, chance_of
from nullfit.results.thresholds import threshold_note, threshold_of, threshold_text
from nullfit.results.verdict import Verdict

_NAMED = 4  # networks, in the first sentence


@dataclass(frozen=True)
class Line:
    """All runs on one data set under one corruption.

    ``train`` and ``test`` are accuracies, as fractions, over the runs that did not diverge.
    ``verdict`` says what the runs show, ``prediction`` holds the test accuracy against chance.
    """

    data: str
    label: str
    corruption: str
    runs: int
    fitted: int
    diverged: int
    train: Spread | None
    test: Spread | None
    verdict: str
    prediction: str


@dataclass(frozen=True)
class Summary:
    """The head of the page: ``about`` says what was run, ``lines`` what came of it."""

    about: list[str]
    lines: list[Line]


def summary_of(study: Study, settings: list[Setting]) -> Summary:
    """The summary of a study's settings."""
    members: dict[tuple[str, str], list[Setting]] = {}
    for setting in settings:
        members.setdefault((setting.data, setting.label), []).append(setting)
    data = list(dict.fromkeys(setting.data for setting in settings))
    lines = [_line(members[key]) for key in sorted(members, key=lambda key: data.index(key[0]))]
    return Summary(_about(study, settings), lines)


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


def _about(study: Study, settings: list[Setting]) -> list[str]:
    networks = list(networks_of(settings))
    seeds = sorted({len(setting.runs) for setting in settings})
    count = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    named = f" ({', '.join(networks)})" if len(networks) <= _NAMED else ""
    return [
        f"{_many(len(study.runs), 'finished run')} of {_many(len(networks), 'network')}{named} on "
        f"{data_note(study.runs)}: {_many(len(settings), 'setting')}, "
        f"{count} {'seed' if count == '1' else 'seeds'} each.",
        _fitted(study, settings),
        *filter(None, [threshold_note(study.runs), _chances(settings)]),
        *unfinished_note(study),
    ]


def _fitted(study: Study, settings: list[Setting]) -> str:
    fitted = sum(len(setting.fitted) for setting in settings)
    diverged = sum(len(setting.diverged) for setting in settings)
    thresholds = {threshold_of(run) for run in study.runs} - {None}
    level = threshold_text(thresholds.pop() or 0.0) if len(thresholds) == 1 else ""
    return (
        f"{fitted} of {_many(len(study.runs), 'run')} fitted the training set"
        + (f", that is, reached a training accuracy of {level}" if level else "")
        + (f"; {diverged} diverged." if diverged else ".")
    )


def _chances(settings: list[Setting]) -> str | None:
    """What guessing reaches on each data set, as far as it is known."""
    chances = {
        data: chance_of(run for s in settings if s.data == data for run in s.runs)
        for data in dict.fromkeys(setting.data for setting in settings)
    }
    known = {data: f"{percent(chance)} %" for data, chance in chances.items() if chance is not None}
    if not known:
        return None
    told = [text if len(chances) == 1 else f"{data} {text}" for data, text in known.items()]
    return (
        f"Chance is the share of the most frequent class among the test labels: {'; '.join(told)}."
    )


def _line(settings: list[Setting]) -> Line:
    test = Spread.of(v for s in settings for v in s.values("test/accuracy"))
    return Line(
        data=settings[0].data,
        label=settings[0].label,
        corruption=settings[0].corruption,
        runs=sum(len(s.runs) for s in settings),
        fitted=sum(len(s.fitted) for s in settings),
        diverged=sum(len(s.diverged) for s in settings),
        train=Spread.of(v for s in settings for v in s.values("train/accuracy")),
        test=test,
        verdict=_verdict([run.verdict for s in settings for run in s.runs]),
        prediction="no result" if test is None else _prediction(test, settings),
    )


def _verdict(verdicts: Sequence[Verdict]) -> str:
    """The words of all runs with their counts, and the advice where all of one word agree."""
    told = []
    for word, count in Counter(found.word for found in verdicts).most_common():
        advice = {found.advice for found in verdicts if found.word == word}
        agreed = advice.pop() if len(advice) == 1 else None
        which = word if count == len(verdicts) else f"{count} of {len(verdicts)} {word}"
        told.append(which if agreed is None else f"{which} (give {agreed})")
    return ", ".join(told)


def _prediction(test: Spread, settings: list[Setting]) -> str:
    chance = chance_of(run for setting in settings for run in setting.runs)
    if chance is None:
        return "chance is not known"
    points = round(100 * (test.mean - chance), 1)
    side = "above" if points > 0 else "below"
    told = f"{abs(points)} points {side} chance" if points else "at chance"
    return f"{told}, {_over_seeds(settings)}"


def _over_seeds(settings: Iterable[Setting]) -> str:
    """How far apart seeds are: the deviation (n − 1) within networks, over all of them."""
    groups = [np.asarray(setting.values("test/accuracy")) for setting in settings]
    several = [values for values in groups if len(values) > 1]
    if not several:
        return "one run: no spread" if sum(map(len, groups)) == 1 else "one seed each: no spread"
    squares = sum(float(((values - values.mean()) ** 2).sum()) for values in several)
    freedom = sum(len(values) - 1 for values in several)
    points = 100 * (squares / freedom) ** 0.5
    return f"± {points:.1f} over seeds"


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
