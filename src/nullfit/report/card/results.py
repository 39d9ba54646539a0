"""What the runs of a study came to."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas

from nullfit.report.card.markup import bullets, section, table, text
from nullfit.results.curves import epochs_of
from nullfit.results.formats import percent, points
from nullfit.results.intervals import Interval, interval_text, t_interval
from nullfit.results.paired import comparisons, paired_note, readable_paired, setting_name
from nullfit.results.readable_table import task_intervals
from nullfit.results.settings import Setting
from nullfit.results.study import Run, Study
from nullfit.results.task_run import chance_of
from nullfit.results.thresholds import common_threshold, threshold_note
from nullfit.results.verdict import MEANING, in_words

Best = Mapping[Path, float | None]  # the best test accuracy of each run, by its folder

_TEST = "test/accuracy"
_CLEAN = "test_clean/accuracy"
_UNTOUCHED = "last accuracy on untouched test images, %"
_MEANS = ("train/accuracy", _TEST)
_OF_TASKS = "Mean ± standard deviation over seeds (n − 1) [95 % interval of the mean, Student's t]."


def results_section(study: Study, settings: Sequence[Setting]) -> str:
    """Accuracies of trainings with intervals, best and last apart; what other tasks measured."""
    blocks = []
    if settings:
        best = {r.folder: best_accuracy(r) for setting in settings for r in setting.finite}
        rows = pandas.DataFrame([_row(setting, settings, best) for setting in settings])
        needed = {
            "diverged": any(setting.diverged for setting in settings),
            _UNTOUCHED: any(map(_differ_untouched, settings)),
        }
        shown = rows.drop(columns=[name for name, is_needed in needed.items() if not is_needed])
        blocks += [table(shown), _notes(settings, best)]
    for task, runs in study.of_tasks().items():
        blocks += [f"### Task {text(task)}", table(task_intervals(runs).astype(str))]
    if study.others:
        blocks.append(text(_OF_TASKS))
    return section("Results", *blocks)


def paired_section(settings: Sequence[Setting]) -> str:
    """Differences seed by seed."""
    found = comparisons(settings)
    if not found.made:
        return section("Paired differences", "No two settings have a seed in common.")
    shown = table(readable_paired(found, settings))
    return section("Paired differences", shown, text(paired_note(found)))


def best_accuracy(run: Run) -> float | None:
    """The best test accuracy over epochs; None where metrics.csv does not tell."""
    frame = epochs_of(run)
    if frame is None or _TEST not in frame or not frame[_TEST].notna().any():
        return None
    return float(frame[_TEST].max())


def _row(setting: Setting, among: Sequence[Setting], of_run: Best) -> dict[str, str]:
    finite, best = len(setting.finite), _of_best(setting, of_run)
    some = f" ({best.n} of {finite} runs)" if best is not None and best.n < finite else ""
    return {
        "setting": setting_name(setting, among),
        "n": str(len(setting.runs)),
        "diverged": str(len(setting.diverged)),
        "fitted": str(len(setting.fitted)),
        "last training accuracy, %": _accuracy(t_interval(setting.values("train/accuracy"))),
        "last test accuracy, %": _accuracy(t_interval(setting.values(_TEST))),
        _UNTOUCHED: _accuracy(t_interval(setting.values(_CLEAN)))
        if _differ_untouched(setting)
        else "the same",
        "best test accuracy, %": _accuracy(best) + some,
        "verdict": in_words([run.verdict for run in setting.runs]),
    }


def _differ_untouched(setting: Setting) -> bool:
    """Whether its runs were tested on corrupted images, and came to something else on others."""
    clean = setting.values(_CLEAN)
    return bool(clean) and clean != setting.values(_TEST)


def _of_best(setting: Setting, of_run: Best) -> Interval | None:
    found = [of_run[run.folder] for run in setting.finite]
    return t_interval(value for value in found if value is not None)


def _accuracy(interval: Interval | None) -> str:
    """In per cent; the standard deviation in points."""
    return interval_text(interval, percent, partial(points, digits=1))


def _notes(settings: Sequence[Setting], best: Best) -> str:
    runs = [run for setting in settings for run in setting.runs]
    notes = [
        "Mean ± standard deviation over seeds (n − 1) [95 % interval of the mean, Student's t, "
        "n − 1 degrees of freedom], of the variation that Seeds names. Training accuracy "
        "is on the labels trained on.",
        "Last is after the last epoch, wherever the training stopped: see Training. Best is the "
        "highest of all epochs of a run, chosen on the test set: it is optimistic, and no estimate "
        "of what the network does on new data.",
    ]
    level = common_threshold(runs)
    fitted = f"Fitted are runs that reached a training accuracy of {level}. " if level else ""
    notes.append(fitted + MEANING)
    if (chance := chance_of(runs)) is not None:
        notes.append(
            f"Chance is {percent(chance)} %: the share of the most frequent class among the test "
            "labels."
        )
    notes += _of_test_samples(settings)
    if any(setting.diverged for setting in settings):
        notes.append("Runs that diverged are counted, and are in no mean.")
    shown = [t_interval(setting.values(m)) for setting in settings for m in _MEANS]
    shown += [_of_best(setting, best) for setting in settings]
    if any(map(_leaves, shown)):
        notes.append(
            "An interval that goes below 0 or above 100 % is not cut off: it says that these are "
            "too few seeds for the normal approximation."
        )
    if any(map(_has_no_width, shown)):
        notes.append(
            "An interval without width says that all runs came to the same number, not that the "
            "next one would."
        )
    if any(not setting.values(_TEST) for setting in settings):
        notes.append("– stands where no run measured it.")
    if any(value is None for value in best.values()):
        notes.append("Where the best is of fewer runs, metrics.csv of the others cannot be read.")
    return bullets(text(note) for note in [*notes, threshold_note(runs)] if note)


def _of_test_samples(settings: Sequence[Setting]) -> list[str]:
    """How far one accuracy may be off since test samples are a sample, whatever the seeds."""
    counts = set()
    errors = []
    for run in (run for setting in settings for run in setting.finite):
        accuracy, samples = run.result["metrics"].get(_TEST), run.result["data"].get("test_samples")
        if accuracy is not None and 0 < accuracy < 1 and samples:
            counts.add(f"{samples:,}")
            errors.append(math.sqrt(accuracy * (1 - accuracy) / samples))
    alone = any(len(setting.finite) == 1 for setting in settings)
    told = ["One run has no interval."] if alone else []
    if errors:
        low, high = points(min(errors), 1), points(max(errors), 1)
        told.append(
            f"A test accuracy p of one run, on {' or '.join(sorted(counts))} test samples, has a "
            f"standard error of √(p (1 − p) / samples), here {low}"
            f"{'' if low == high else f' to {high}'} points: how far it is from the accuracy on "
            "all samples that could have been drawn. This is another uncertainty than that over "
            "seeds, and no interval here has it."
        )
    return [" ".join(told)] if told else []


def _has_no_width(interval: Interval | None) -> bool:
    return interval is not None and interval.sd == 0


def _leaves(interval: Interval | None) -> bool:
    """Whether an interval leaves what an accuracy can be."""
    if interval is None or interval.low is None or interval.high is None:
        return False
    return interval.low < 0 or interval.high > 1
