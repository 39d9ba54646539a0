"""Whether a run was made as a published one was."""

from collections.abc import Iterator, Mapping
from typing import Any

from nullfit.config.identity import RANDOMNESS, used_groups
from nullfit.results.published.figures import Published
from nullfit.results.published.shipped import default_options, shipped
from nullfit.results.settings import flat_settings
from nullfit.results.task_run import TaskRun

_ABOVE_ZERO = "> 0"  # any positive number
_ONE_OF = "one_of"  # {one_of: [a, b]}: either of them
# Groups of which a run has one option each.
_GROUPS = ("model", "data", "corruption", "optimizer", "schedule")
# What no source speaks of, and what changes nothing that is compared: where files lie, how often
# and by what else a run was looked at, and how the machine carries out the same computation.
_NO_PART = (
    *(*RANDOMNESS, "task", "probe", "probes", "revisions"),
    *("data.root", "data.path", "data.content", "data.test_corruptions"),
    *("trainer.evaluate_every", "trainer.evaluate_train_every", "trainer.record_confusion"),
    *("trainer.deterministic", "trainer.memory_format", "trainer.compile"),
)
_LENGTH = "trainer.max_epochs"  # compared by `_epochs`
# Schedules that are another where a run is longer.
_OF_THE_WHOLE_RUN = ("cosine", "one_cycle")
# Class names, and numbers of training and test images, by which a folder of images is a copy.
_CIFAR10 = [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
]
_COPIES = {"cifar10": (_CIFAR10, 50_000, 10_000)}


def matches(run: TaskRun, published: Published) -> bool:
    """Whether the run has the setting that the number belongs to, on whatever data.

    Unless the ``match`` names data: then on these, or on a copy of them. A number belongs to
    trainings unless its ``match`` names another ``task.name``.
    """
    wanted_of = {"task.name": "train", **published.match}
    return all(
        set(regularizers(run)) == set(wanted)
        if key == "regularizer"
        else _is(_value(run.config, key), wanted)
        or (key == "data.name" and isinstance(wanted, str) and is_copy(run, wanted))
        for key, wanted in wanted_of.items()
    )


def differences(run: TaskRun, published: Published) -> list[str]:
    """What keeps the run from being a reproduction of the number; empty if nothing does.

    The whole configuration is compared: with what the source states, and where it states nothing
    with what nullfit ships, but for what is ``open``. So a setting that is added to nullfit is
    compared as well.
    """
    stated = {**published.match, **published.setup}
    least = stated.pop("least_epochs", None)
    data, samples = stated.pop("data.name", None), stated.pop("data.train_samples", None)
    epochs = stated.pop(_LENGTH, None)
    own_data = run.result["data"]
    found = []
    if data is not None and is_copy(run, data):
        found.append(copy_of(data))
    elif data is not None and own_data["name"] != data:
        found.append(f"other data: {own_data['name']}")
        # which come with settings of their own
        stated = {key: value for key, value in stated.items() if not key.startswith("data.")}
    if samples is not None and own_data["train_samples"] != samples:
        found.append(f"{own_data['train_samples']:,} of {samples:,} training images")
    if run.config.get("scale") == "small":
        found.append("scale=small")
    if published.epoch is None or _length_matters(run):
        found += _epochs(run, epochs, least)
    found += _settings(run, {**stated, "data.name": own_data["name"]}, published.open)
    return found + ([published.differs] if published.differs else [])


def has_its_settings(run: TaskRun, published: Published) -> bool:
    """Whether the run is a reproduction, but for the data that may be a copy."""
    return set(differences(run, published)) <= {copy_of(data) for data in _COPIES}


def is_copy(run: TaskRun, data: str) -> bool:
    """Whether the run's images are those of ``data``, from a folder that they were saved to.

    Files may be lossy, and nobody has compared the pixels: it goes by classes and numbers.
    """
    own = run.result["data"]
    if own["name"] != "image_folder" or data not in _COPIES:
        return False
    classes, train, test = _COPIES[data]
    numbers = (own["train_samples"] + own.get("val_samples", 0), own["test_samples"])
    return own.get("class_names") == classes and numbers == (train, test)


def copy_of(data: str) -> str:
    """How `differences` says that the images are a copy."""
    return f"{data} from image files, which may be lossy"


def _length_matters(run: TaskRun) -> bool:
    """Whether the first epochs of a longer run would have been others."""
    schedule = run.config.get("schedule") or {}
    ends_with_run = schedule.get("name") == "linear" and schedule.get("epochs") is None
    return schedule.get("name") in _OF_THE_WHOLE_RUN or ends_with_run


def regularizers(run: TaskRun) -> list[str]:
    """The names of those that are on."""
    return sorted(name for name, value in (run.config.get("regularizer") or {}).items() if value)


def _epochs(run: TaskRun, theirs: int | None, least: int | None) -> list[str]:
    """On the length of a run, but for one that stopped because everything was fitted."""
    if theirs is None and least is None:
        return []
    own = _value(run.config, _LENGTH) or run.result["epochs"]
    if theirs is not None and own != theirs:
        return [f"{own} of {theirs} epochs" if own < theirs else f"{own} epochs, not {theirs}"]
    if least is not None and own < least and not _stopped(run):
        return [f"{own} epochs, fewer than {least}"]
    return []


def _stopped(run: TaskRun) -> bool:
    stop = _value(run.config, "trainer.stop_at_train_accuracy")
    reached = run.result["metrics"].get("train/accuracy")
    return stop is not None and reached is not None and reached >= stop


def _settings(run: TaskRun, stated: Mapping[str, Any], left_open: tuple[str, ...]) -> list[str]:
    flat = flat_settings(run.config)
    own = {key: value for key, value in flat.items() if _counts(key, run, stated)}
    names = {group: own.get(f"{group}.name") for group in _GROUPS if f"{group}.name" in own}
    wanted = {
        group: stated.get(f"{group}.name", name if _is_open(group, left_open) else default)
        for group, name in names.items()
        for default in [default_options().get(group)]
    }
    other = [group for group, name in names.items() if name != wanted[group]]
    found = [f"{group}={names[group]}, not {wanted[group]}" for group in other]
    for key, theirs in _wanted(run, own, names, stated, left_open):
        if key.partition(".")[0] not in other and not _is(own.get(key), theirs):
            found.append(f"{key}={_word(own.get(key))}, not {_word(theirs)}")
    return found


def _wanted(
    run: TaskRun,
    own: Mapping[str, Any],
    names: Mapping[str, Any],
    stated: Mapping[str, Any],
    left_open: tuple[str, ...],
) -> Iterator[tuple[str, Any]]:
    """What each setting is to be.

    A setting that an older run knows nothing of is asked for only where the source states it.
    """
    ours = shipped({**names, "task": _task(run)}, regularizers(run))
    defaults = flat_settings(ours)
    foreign = [group for group in names if group not in ours]
    chosen = [f"{group}.name" for group in names]  # compared as options
    for key in dict.fromkeys([*stated, *own]):
        if key in stated:
            if _counts(key, run, stated):
                yield key, stated[key]
        elif not _is_open(key, (*chosen, *foreign, *left_open)):
            yield key, defaults.get(key)


def _counts(key: str, run: TaskRun, stated: Mapping[str, Any]) -> bool:
    """Whether a setting has a part in what is compared.

    Of a task other than training its own section has, those of the groups that it is named by, and
    what the source states: its networks were trained, too.
    """
    section, _, name = key.partition(".")
    if _is_open(key, _NO_PART) or key in (_LENGTH, "regularizer"):
        return False
    if section == "regularizer":
        return name.partition(".")[0] in regularizers(run)
    own = _task(run), *used_groups(run.config)
    return _task(run) == "train" or section in own or key in stated


def _task(run: TaskRun) -> str:
    return str(_value(run.config, "task.name"))


def _is_open(key: str, left_open: tuple[str, ...]) -> bool:
    """Whether a key, or the section that it is in, is among some others."""
    return any(key == other or key.startswith(f"{other}.") for other in left_open)


def _is(value: Any, wanted: Any) -> bool:
    if wanted == _ABOVE_ZERO:
        return isinstance(value, int | float) and value > 0
    if isinstance(wanted, Mapping):
        return value in wanted[_ONE_OF]
    return bool(value == wanted)


def _value(config: Mapping[str, Any], key: str) -> Any:
    found: Any = config
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _word(value: Any) -> str:
    if isinstance(value, Mapping):
        return " or ".join(map(_word, value[_ONE_OF]))
    return "null" if value is None else str(value)
