"""How the networks of a study were trained, for the section on methods of a paper."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nullfit import schedules
from nullfit.charts.appearance import network_words
from nullfit.config.identity import used_groups
from nullfit.config.run_length import most_epochs
from nullfit.report.card.markup import section, table, text
from nullfit.report.card.words import range_words, settings_words
from nullfit.report.summary import by_task, many
from nullfit.results.formats import percent
from nullfit.results.grouping import groups_of
from nullfit.results.paired import setting_name
from nullfit.results.settings import Setting
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun

_VALUES, _NAMES = 6, 3  # of a row, and behind one of its values
_UNKNOWN = "not known to the files"
_WHITENING = {
    "per_image": "each image less its mean, divided by its standard deviation",
    "per_image_channel": "each channel of each image less its mean, divided by its deviation",
    "per_channel": "each channel less its mean in the training set, divided by its deviation there",
    "fixed": "each channel less a fixed mean, divided by a fixed deviation",
    "none": "no whitening",
}
_NOT_OF_THE_OPTION = ("name", "_target_", "learning_rate", "initialization")
_NAME_IN_CODE = re.compile(r"``(\w+)``")
_WARMUP = ("warmup_epochs", "warmup_factor")


@dataclass(frozen=True)
class _Trained:
    """Runs of equal settings, and names for them: the first that tells them apart is the best."""

    names: tuple[str, ...]
    runs: Sequence[TaskRun]


def training_section(study: Study, settings: Sequence[Setting]) -> str:
    """What config.yaml of the runs says; where settings differ in it, each value with its own."""
    trained = [
        _Trained((*_short_names(one), setting_name(one, settings)), one.runs) for one in settings
    ]
    for task, runs in by_task(study).items():
        if task != "train":
            trained += [
                _Trained((*3 * [f"task {task}"], f"task {task}, {group.label}"), group.runs)
                for group in groups_of(filter(_trains, runs))
            ]
    if not trained:
        return section("Training", "No run of this study tells how networks were trained.")
    rows = [{"what": what, "value": _value(told, trained)} for what, told in _ROWS.items()]
    note = (
        "Settings are called as in config.yaml. The weights after the last epoch are those that "
        "are tested: no epoch is chosen. Initial weights and the order of samples follow from the "
        "seed."
    )
    notes = [text(line) for line in (note, _on_length(trained)) if line]
    return section("Training", table(rows), *notes)


def _short_names(setting: Setting) -> list[str]:
    return [*map(network_words, (setting.runs[0].network, setting.network)), setting.label]


def _trains(run: TaskRun) -> bool:
    """Whether its task trains networks by these settings: others have none, or look at a run."""
    looks = "checkpoint" in run.config or "run" in _part(run, run.task)
    return "optimizer" in run.config and "model" in used_groups(run.config) and not looks


def _value(told: Callable[[Sequence[TaskRun]], str], trained: Sequence[_Trained]) -> str:
    """One value of all settings, or several with the settings that have them."""
    values = [told(one.runs) for one in trained]
    if len(set(values)) == 1:
        return values[0]
    by_value: dict[str, dict[str, None]] = {}
    for name, value in zip(_names(trained, values), values, strict=True):
        by_value.setdefault(value, {})[name] = None
    shown = [_named(value, list(names)) for value, names in list(by_value.items())[:_VALUES]]
    left = len(by_value) - len(shown)
    return "; ".join([*shown, *([f"and {left:,} more values"] if left else [])])


def _names(trained: Sequence[_Trained], values: Sequence[str]) -> list[str]:
    """The shortest names that tell settings with different values apart."""
    for kind in range(len(trained[0].names)):
        names = [one.names[kind] for one in trained]
        if len(set(zip(names, values, strict=True))) == len(set(names)):
            return names
    return [one.names[-1] for one in trained]


def _named(value: str, names: Sequence[str]) -> str:
    left = len(names) - _NAMES
    shown = " and ".join([*names[:_NAMES], *([f"{left:,} more"] if left > 0 else [])])
    return value if value.startswith(shown) else f"{shown}: {value}"


def _part(run: TaskRun, group: str) -> Mapping[str, Any]:
    found = run.config.get(group)
    return found if isinstance(found, Mapping) else {}


def _option(run: TaskRun, group: str) -> str:
    """An option and its settings: ``sgd (lr=0.01, momentum=0.9, nesterov=false)``."""
    option = _part(run, group)
    left_out = (*_NOT_OF_THE_OPTION, *_WARMUP)
    words = settings_words({key: own for key, own in option.items() if key not in left_out})
    return str(option.get("name", _UNKNOWN)) + (f" ({words})" if words else "")


def _network(runs: Sequence[TaskRun]) -> str:
    option = _part(runs[0], "model")
    sizes = settings_words({k: own for k, own in option.items() if k not in _NOT_OF_THE_OPTION})
    counts = [run.result.get("model", {}).get("parameters") for run in runs]
    count = f"{range_words(counts, '{:,}'.format)} parameters" if any(counts) else ""
    words = ", ".join(filter(None, [count, sizes]))
    return network_words(runs[0].network) + (f" ({words})" if words else "")


def _initial(runs: Sequence[TaskRun]) -> str:
    model, start = _part(runs[0], "model"), _part(runs[0], "start")
    ours = str(model.get("_target_")).startswith("nullfit.models.")
    drawn = "He's, with a small last layer" if ours else "the network's own"
    kept = runs[0].config.get("freeze")
    return ", ".join(
        [
            f"from another run ({settings_words(start)})"
            if start.get("run")
            else str(model.get("initialization") or drawn),
            *([f"not trained: {settings_words({'freeze': kept})}"] if kept else []),
        ]
    )


def _loss(runs: Sequence[TaskRun]) -> str:
    # As before there was a choice, where it is absent.
    return _option(runs[0], "loss") if "loss" in runs[0].config else "cross_entropy"


def _optimizer(runs: Sequence[TaskRun]) -> str:
    return _option(runs[0], "optimizer")


def _schedule(runs: Sequence[TaskRun]) -> str:
    told, schedule = _option(runs[0], "schedule"), _part(runs[0], "schedule")
    name = str(schedule.get("name"))
    if schedule.get("_target_") == f"nullfit.schedules.{name}" and name in vars(schedules):
        said = str(vars(schedules)[name].__doc__).partition("\n")[0]
        told += ": " + _NAME_IN_CODE.sub(r"“\1”", said).removesuffix(".")
    epochs, factor = (schedule.get(key) for key in _WARMUP)
    return (
        told if epochs is None else f"{told}, after {epochs} epochs that rise from {factor} of it"
    )


def _regularizers(runs: Sequence[TaskRun]) -> str:
    part = _part(runs[0], "regularizer")
    given = {name: own for name, own in part.items() if isinstance(own, Mapping)}
    words = [f"{name} ({settings_words(own)})" for name, own in given.items()]
    return " + ".join(words) or "none (no weight decay)"


def _batch(runs: Sequence[TaskRun]) -> str:
    return str(_part(runs[0], "data").get("batch_size", _UNKNOWN))


def _preprocessing(runs: Sequence[TaskRun]) -> str:
    data = _part(runs[0], "data")
    if data.get("name") == "table":
        return "columns standardized one by one"
    size, crop, kind = data.get("image_size"), data.get("crop"), data.get("whitening")
    fixed = settings_words({key: data.get(key) for key in ("mean", "std")})
    steps = [
        f"resized to {size}×{size}" if size else "",
        f"centre crop to {crop}×{crop}" if crop else "",
        "corruption, if any",
        _WHITENING.get(str(kind), str(kind)) + (f" ({fixed})" if fixed else ""),
    ]
    return ", then ".join(filter(None, steps))


def _length(runs: Sequence[TaskRun]) -> str:
    trainer, data = _part(runs[0], "trainer"), _part(runs[0], "data")
    stop, most = trainer.get("stop_at_train_accuracy"), trainer.get("max_epochs")
    samples = runs[0].result.get("data", {}).get("train_samples")
    if most is None and samples and "min_samples" in trainer:
        most = most_epochs(None, trainer["min_samples"], samples, data["batch_size"])
    epochs = _UNKNOWN if most is None else many(most, "epoch")
    if stop is None:
        return epochs
    share = "all" if stop == 1 else f"{percent(stop)} % of the"
    return f"until {share} training samples are right in evaluation mode, {epochs} at most"


def _trained_for(runs: Sequence[TaskRun]) -> str:
    counts = {
        what: range_words([run.result.get(what) for run in runs], "{:,}".format)
        for what in ("epochs", "steps")
    }
    told = [
        f"{count} {what.removesuffix('s') if count == '1' else what}"
        for what, count in counts.items()
        if count != "–"
    ]
    return ", ".join(told) or "–"


def _arithmetic(runs: Sequence[TaskRun]) -> str:
    trainer = _part(runs[0], "trainer")
    keys = ("precision", "tf32", "deterministic", "compile")
    return settings_words({key: trainer.get(key) for key in keys}) or _UNKNOWN


def _on_length(trained: Sequence[_Trained]) -> str:
    """What follows where the training accuracy decides when a training stops."""
    stops = {_part(one.runs[0], "trainer").get("stop_at_train_accuracy") for one in trained}
    if not stops - {None}:
        return ""
    return (
        "Training stops at a training accuracy, so the data decide how long it is: last is after "
        "fewer epochs where labels are easier to fit, and Results compare settings after different "
        "numbers of epochs."
    )


_ROWS: dict[str, Callable[[Sequence[TaskRun]], str]] = {
    "network": _network,
    "initial weights": _initial,
    "loss": _loss,
    "optimizer": _optimizer,
    "learning-rate schedule": _schedule,
    "regularizers": _regularizers,
    "batch size": _batch,
    "preprocessing": _preprocessing,
    "length": _length,
    "trained for": _trained_for,
    "arithmetic": _arithmetic,
}
