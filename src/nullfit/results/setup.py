"""Whether a run was made as a published one was."""

from collections.abc import Mapping
from typing import Any

from nullfit.results.published import Published
from nullfit.results.task_run import TaskRun

# Holds for every published number, said or not.
_ALWAYS = {
    "data.train_limit": None,
    "data.test_limit": None,
    "corruption.fresh": False,
    "data.val_fraction": 0.0,
}
_SHOWN = 3
_ABOVE_ZERO = "> 0"  # as a value of `match`: any positive number


def matches(run: TaskRun, published: Published) -> bool:
    """Whether the run has the setting that the number belongs to, on whatever data.

    A number belongs to trainings unless its ``match`` names another ``task.name``.
    """
    wanted_of = {"task.name": "train", **published.match}
    return all(
        _chosen_regularizers(run) == set(wanted)
        if key == "regularizer"
        else _is(_value(run.config, key), wanted)
        for key, wanted in wanted_of.items()
    )


def differences(run: TaskRun, published: Published) -> list[str]:
    """What keeps the run from being a reproduction of the number; empty if nothing does."""
    setup = {**_ALWAYS, **published.setup}
    least = setup.pop("least_epochs", None)
    data, samples = setup.pop("data.name", None), setup.pop("data.train_samples", None)
    epochs = setup.pop("trainer.max_epochs", None)
    found = []
    elsewhere = data is not None and run.result["data"]["name"] != data
    if elsewhere:
        found.append(f"other data: {run.result['data']['name']}")
    if samples is not None and run.result["data"]["train_samples"] != samples:
        found.append(f"{run.result['data']['train_samples']:,} of {samples:,} training images")
    if run.config.get("scale") == "small":
        found.append("scale=small")
    found += _epochs(_value(run.config, "trainer.max_epochs"), epochs, least)
    # Settings for other data or a small scale are others on purpose: that they are says enough.
    chosen_for_it = elsewhere or run.config.get("scale") == "small"
    settings = [] if chosen_for_it else _settings(run.config, setup)
    found += settings[:_SHOWN]
    if len(settings) > _SHOWN:
        found.append(f"{len(settings) - _SHOWN} more settings")
    return found + ([published.differs] if published.differs else [])


def regularizers(run: TaskRun) -> list[str]:
    """The names of those that are on."""
    return sorted(_chosen_regularizers(run))


def _is(value: Any, wanted: Any) -> bool:
    if wanted == _ABOVE_ZERO:
        return isinstance(value, int | float) and value > 0
    return bool(value == wanted)


def _chosen_regularizers(run: TaskRun) -> set[str]:
    return {name for name, value in (run.config.get("regularizer") or {}).items() if value}


def _epochs(own: int, theirs: int | None, least: int | None) -> list[str]:
    if theirs is not None and own != theirs:
        return [f"{own} of {theirs} epochs" if own < theirs else f"{own} epochs, not {theirs}"]
    if least is not None and own < least:
        return [f"{own} epochs, fewer than {least}"]
    return []


def _settings(config: Mapping[str, Any], setup: Mapping[str, Any]) -> list[str]:
    return [
        f"{key}={_word(_value(config, key))}, not {_word(theirs)}"
        for key, theirs in setup.items()
        if _value(config, key) != theirs
    ]


def _value(config: Mapping[str, Any], key: str) -> Any:
    found: Any = config
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _word(value: Any) -> str:
    return "null" if value is None else str(value)
