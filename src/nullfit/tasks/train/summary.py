"""What the trainings of a study came to, in words and numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas

from nullfit.charts.appearance import look, network_words
from nullfit.report.section import Section
from nullfit.report.summary import data_note, many
from nullfit.results.formats import percent
from nullfit.results.settings import Setting, networks_of
from nullfit.results.spread import Spread
from nullfit.results.study import Run
from nullfit.results.task_run import chance_of
from nullfit.results.thresholds import common_threshold
from nullfit.results.verdict import MEANING, in_words

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


def summary(runs: Sequence[Run], settings: Sequence[Setting], warnings: list[str]) -> Section:
    """The runs in a table with a line for each corruption, and how to read it."""
    lines = lines_of(settings)
    rows = {
        "corruption": [line.label for line in lines],
        "data": [line.data for line in lines],
        "runs": [str(line.runs) for line in lines],
        "fitted": [str(line.fitted) for line in lines],
        "diverged": [str(line.diverged) for line in lines],
        "training accuracy": [_range(line.train) for line in lines],
        "test accuracy": [_range(line.test) for line in lines],
        "verdict": [line.verdict for line in lines],
        "prediction": [line.prediction for line in lines],
    }
    one_data = len(set(rows["data"])) == 1
    lost = any(line.diverged for line in lines)
    empty = [name for name, no in {"data": one_data, "diverged": not lost}.items() if no]
    diverged = (
        " Runs that diverged are counted, and are in no mean, curve or figure." if lost else ""
    )
    return Section(
        "Summary",
        [
            *_question(settings),
            *about_trainings(runs, settings),
            "The table has means over all networks and seeds, with the lowest and highest run in "
            f"brackets.{diverged} Training accuracy is on the labels trained on, test accuracy on "
            f"test labels, which are never corrupted. {MEANING} Chance is what naming the most "
            "frequent class of the test set reaches, whatever the image; ± is the standard "
            "deviation over seeds (n − 1) within networks, in points.",
        ],
        warnings,
        table=pandas.DataFrame(rows).drop(columns=empty),
        looks=[look(line.corruption) for line in lines],
        stem="summary",
    )


def _question(settings: Sequence[Setting]) -> list[str]:
    """What the runs ask together, where they do."""
    if len({setting.label for setting in settings}) == 1:
        return []
    return [
        "A randomization test: the same networks on true data and on data whose labels or pixels "
        "were destroyed."
    ]


def lines_of(settings: Sequence[Setting]) -> list[Line]:
    """A line for each data set under each corruption, in the order of the settings."""
    members: dict[tuple[str, str], list[Setting]] = {}
    for setting in settings:
        members.setdefault((setting.data, setting.label), []).append(setting)
    data = list(dict.fromkeys(setting.data for setting in settings))
    return [_line(members[key]) for key in sorted(members, key=lambda key: data.index(key[0]))]


def about_trainings(runs: Sequence[Run], settings: Sequence[Setting]) -> list[str]:
    """What was run, how much of it fitted, and what guessing reaches."""
    networks = list(networks_of(settings))
    seeds = sorted({len(setting.runs) for setting in settings})
    count = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    named = f" ({'; '.join(map(network_words, networks))})" if len(networks) <= _NAMED else ""
    return [
        f"{many(len(runs), 'finished run')} of {many(len(networks), 'network')}{named} on "
        f"{data_note(runs)}: {many(len(settings), 'setting')}, "
        f"{count} {'seed' if count == '1' else 'seeds'} each.",
        _fitted(runs, settings),
        *filter(None, [_chances(settings)]),
    ]


def _fitted(runs: Sequence[Run], settings: Sequence[Setting]) -> str:
    fitted = sum(len(setting.fitted) for setting in settings)
    diverged = sum(len(setting.diverged) for setting in settings)
    level = common_threshold(runs)
    return (
        f"{fitted} of {many(len(runs), 'run')} fitted the training set"
        + (f", that is, reached a training accuracy of {level}" if level else "")
        + (f"; {diverged} diverged." if diverged else ".")
    )


def _chances(settings: Sequence[Setting]) -> str | None:
    """What guessing reaches on each data set, as far as it is known."""
    chances = {
        data: chance_of(run for s in settings if s.data == data for run in s.runs)
        for data in dict.fromkeys(setting.data for setting in settings)
    }
    known = {data: f"{percent(chance)} %" for data, chance in chances.items() if chance is not None}
    if not known:
        return None
    same = len(known) == len(chances) and len(set(known.values())) == 1
    shares = [*known.values()][:1] if same else [f"{data} {text}" for data, text in known.items()]
    found = "; ".join(shares)
    return f"Chance is the share of the most frequent class among the test labels: {found}."


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
        verdict=in_words([run.verdict for s in settings for run in s.runs]),
        prediction="no result" if test is None else _prediction(test, settings),
    )


def _prediction(test: Spread, settings: list[Setting]) -> str:
    chance = chance_of(run for setting in settings for run in setting.runs)
    if chance is None:
        return "chance is not known"
    points = round(100 * (test.mean - chance), 1)
    side = "above" if points > 0 else "below"
    distance = f"{abs(points)} points {side} chance" if points else "at chance"
    return f"{distance}, {_over_seeds(settings)}"


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


def _range(spread: Spread | None) -> str:
    if spread is None:
        return "–"
    mean, low, high = map(percent, (spread.mean, spread.low, spread.high))
    return f"{mean} %" + ("" if low == high else f" ({low} – {high})")
