"""The corruption of a run, or those that a chain puts in a row."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from omegaconf import OmegaConf
from pydantic import ValidationError

from nullfit import corruptions
from nullfit.config.components import check_settings, locate
from nullfit.config.composer import option_files
from nullfit.config.identity import corruption_name
from nullfit.config.messages import complaint
from nullfit.config.ratings import is_ratings
from nullfit.config.schema import RunConfig
from nullfit.config.sections.options import CorruptionConfig
from nullfit.corruptions.corruption import PARTS, declared
from nullfit.corruptions.step import Step
from nullfit.errors import UserError, nearest
from nullfit.seeds import derive

_MOST_STEPS = 100  # of a chain
_CLEAN = "clean"  # test_clean/… is the test set that nothing touched


def corruption_seed(config: RunConfig) -> int:
    """The seed of the corruption, apart from those of weights and batches."""
    return derive(config.seed_of("corruption"), "corruption")


def corruption_steps(config: RunConfig) -> list[Step]:
    """What is done to the data, in order.

    Raises:
        UserError: a step of a chain names no corruption, or has a wrong setting.
    """
    corruption = config.corruption
    if corruption.name != "chain":
        return [_step(config, corruption)]
    given = corruption.settings["steps"]
    if not isinstance(given, list) or not given:
        raise UserError(
            f"corruption.steps={given} is not allowed: give a list of corruptions, e.g. "
            "'corruption.steps=[random_labels,{name:gaussian_noise,sigma:0.2}]'."
        )
    if len(given) > _MOST_STEPS:
        raise UserError(
            f"corruption.steps has {len(given):,} corruptions: it must have at most {_MOST_STEPS}."
        )
    return [named_step(config, step, position) for position, step in enumerate(given)]


def named_step(
    config: RunConfig, given: str | Mapping[str, Any], position: int | None = None
) -> Step:
    """A corruption by name, or by name and settings; what is not given comes from its YAML file.

    Raises:
        UserError: there is no such corruption, or a setting is wrong.
    """
    return _step(config, _option(_settings(given)), position)


def other_tests(config: RunConfig) -> dict[str, Step]:
    """What makes further test sets (``data.test_corruptions``) of the clean one, by their names.

    A name is that of the corruption with the numeric settings that are given.

    Raises:
        UserError: one is no corruption of images, has a wrong setting, or the name of another.
    """
    found: dict[str, Step] = {}
    for settings in map(_settings, config.data.test_corruptions or []):
        try:
            step = _of_test_set(config, settings)
        except UserError as error:
            raise UserError(f"data.test_corruptions: {error}") from error
        name = corruption_name(settings)
        if name in (*found, _CLEAN):
            raise UserError(
                f"data.test_corruptions has two test sets of the name {name}: give each corruption "
                "once, or with another setting (test_clean is the clean test set)."
            )
        found[name] = step
    return found


def _settings(given: Any) -> dict[str, Any]:
    return dict(given) if isinstance(given, Mapping) else {"name": given}


def _option(settings: Mapping[str, Any]) -> CorruptionConfig:
    """What is not among the settings comes from the YAML file of the option."""
    name = settings.get("name")
    files = option_files("corruption")
    files.pop("chain", None)
    if not isinstance(name, str) or name not in files:
        raise UserError(f"corruption {name} does not exist." + nearest(str(name), files))
    defaults: Any = OmegaConf.to_container(OmegaConf.load(files[name]))
    try:
        return CorruptionConfig.model_validate({**defaults, **settings})
    except ValidationError as error:
        raise UserError(complaint(error.errors()[0], f"corruption {name}")) from error


def _of_test_set(config: RunConfig, settings: Mapping[str, Any]) -> Step:
    name = settings.get("name")
    if name == "chain":
        raise UserError(
            "a chain is impossible here, where each corruption is applied alone.\nGive the names "
            "of its steps, e.g. data.test_corruptions=[random_pixels]."
        )
    for key, impossible in (("apply_to", "train"), ("fresh", True)):
        if settings.get(key) == impossible:
            raise UserError(
                f"{key}={str(impossible).lower()} is impossible for {name}, since a test set is "
                f"tested on, and drawn once.\nLeave it out: data.test_corruptions=[{name}]."
            )
    corruption = _option(settings)
    changes = changed_parts(config, corruption)
    if changes != {"images"}:
        allowed = _options_of(lambda parts: parts == {"images"})
        raise UserError(
            f"{name} changes {' and '.join(sorted(changes)) or 'nothing'}, and only test images "
            f"may be changed.\nAllowed: {', '.join(allowed)}, e.g. "
            "data.test_corruptions=[random_pixels]."
        )
    return replace(_step(config, corruption), apply_to="test")


def _options_of(fits: Callable[[frozenset[str]], bool]) -> list[str]:
    """The corruptions of nullfit's own that change parts of the data as asked for."""
    own = {option: declared(function) for option, function in vars(corruptions).items()}
    return sorted(option for option, found in own.items() if found and fits(found.changes))


def changed_parts(config: RunConfig, corruption: CorruptionConfig) -> frozenset[str]:
    """Which parts of the data an option changes; one that declares nothing goes by its name."""
    declaration = declared(locate(corruption.target, "corruption", config.allow_targets))
    if declaration is not None:
        return declaration.changes
    _, _, last = corruption.name.rpartition("_")
    return frozenset({last if last in PARTS else "images"})


def refuse_label_corruption(config: RunConfig, labels: str) -> None:
    """See that nothing changes labels that a task replaces; ``labels`` says by what.

    Raises:
        UserError: the corruption changes labels alone, and so has no effect.
    """
    if changed_parts(config, config.corruption) == {"labels"}:
        raise UserError(
            f"corruption={config.corruption.name} has no effect on task={config.task.name}: its "
            f"{labels}. Choose corruption=none, or one that changes images."
        )


def _step(config: RunConfig, corruption: CorruptionConfig, position: int | None = None) -> Step:
    function = locate(corruption.target, "corruption", config.allow_targets)
    problems = check_settings(function, corruption.settings, "corruption")
    if problems:
        raise UserError(problems[0])
    _refuse_impossible(config, corruption)
    return Step(partial(function, **corruption.settings), corruption.apply_to or "both", position)


def _refuse_impossible(config: RunConfig, corruption: CorruptionConfig) -> None:
    """See that test labels stay, and that ratings are corrupted as ratings and images as images."""
    name, apply_to = corruption.name, corruption.apply_to
    changes = changed_parts(config, corruption)
    kept = sorted(changes - {"images"})
    if kept and apply_to not in (None, "train"):
        raise UserError(
            f"corruption.apply_to={apply_to} is impossible for {name}: test {' and '.join(kept)} "
            "are never corrupted. Allowed: train."
        )
    if "entries" in changes and not is_ratings(config):
        raise UserError(
            f"corruption={name} is for the entries of a matrix, and data={config.data.name} has "
            "none: use task=factorization data=ratings, or a corruption of images."
        )
    if changes - {"entries"} and is_ratings(config):
        fitting = _options_of(lambda parts: parts <= {"entries"})
        raise UserError(
            f"corruption={name} is for images, and data={config.data.name} is a matrix of "
            f"ratings: use {', '.join(fitting[:-1])} or {fitting[-1]}."
        )
