"""The words that are put into a command line before Hydra reads it."""

import os
import sys
from collections.abc import Mapping
from shlex import quote
from typing import Any

from nullfit.config.free_text import unquoted
from nullfit.config.identity import OF_A_RUN
from nullfit.config.local import local_setting
from nullfit.config.overrides import with_probes_apart
from nullfit.config.plan import values_of_grids
from nullfit.console.messages import warn
from nullfit.errors import UserError

# Tasks on the network of a run, whose settings they take, and what names that run.
_EVALUATED = "checkpoint"
_STARTS_FROM = {
    "critical_samples": "critical_samples.run",
    "evaluate": _EVALUATED,
    "pac_bayes": "pac_bayes.run",
    "prediction_depth": "prediction_depth.run",
    "rewind": "rewind.run",
}
# Of these, the ones whose runs are repetitions of a setting that says how long it was trained.
_WITH_LENGTH = ("critical_samples.run", *(f"{task}.run" for task in OF_A_RUN))


def with_recalled(overrides: list[str]) -> list[str]:
    """Put the settings of the run that a task starts from before the user's own."""
    given = dict(override.split("=", 1) for override in overrides if "=" in override)
    key = _STARTS_FROM.get(given.get("task", ""))
    if key is None or not given.get(key):
        return overrides
    from nullfit.config.recall import recalled
    from nullfit.training.checkpoint_format import read_checkpoint
    from nullfit.training.given_checkpoint import checkpoint_file

    if _is_sweep(f"{key}={given[key]}"):
        raise UserError(
            f"{key}={given[key]} names several runs, and task={given['task']} takes the settings "
            "of one: start it once for each."
        )
    file = checkpoint_file(unquoted(given[key]), key)
    about = read_checkpoint(file).get("nullfit", {})
    repeated = recalled(about.get("config", {}), overrides, length=key in _WITH_LENGTH)
    if key != _EVALUATED:  # further test sets are tested on by task=evaluate alone
        repeated = [word for word in repeated if not word.startswith("++data.test_corruptions=")]
    say_where_data_were(about.get("config", {}).get("data"), given)
    first = sys.argv.index(overrides[0])  # Hydra reads the same command line
    sys.argv[first:first] = repeated
    return [*repeated, *overrides]


def _is_sweep(word: str) -> bool:
    """Whether an override stands for several values; one that cannot be read is refused later."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        return OverridesParser.create().parse_override(word).is_sweep_override()
    except HydraException:
        return False


def put_probes_apart(overrides: list[str]) -> list[str]:
    """Put what ``probe=[a,b]`` means to Hydra in its place."""
    return _replaced(overrides, with_probes_apart(overrides))


def put_values_of_grids(overrides: list[str]) -> list[str]:
    """Let one value of what an experiment's grids vary be for their jobs."""
    means = values_of_grids(overrides)
    return _replaced(overrides, {word: [own] for word, own in means.items()})


def _replaced(overrides: list[str], means: Mapping[str, list[str]]) -> list[str]:
    for words in (overrides, sys.argv):  # Hydra reads the same command line
        words[:] = [own for word in words for own in means.get(word, [word])]
    return overrides


def say_where_data_were(data: Any, given: Mapping[str, str]) -> None:
    """A checkpoint does not decide which folders are read."""
    root = data.get("root") if isinstance(data, dict) else None
    here = local_setting("data.root") or os.environ.get("NULLFIT_DATA", "data")
    if isinstance(root, str) and root != here and not given.keys() & {"data", "data.root"}:
        word = quote(f"data.root={root}")
        warn(f"the data are looked for in {here}; where they were in training: add {word}")
    path = data.get("path") if isinstance(data, dict) else None
    if isinstance(path, str) and not given.keys() & {"data", "data.path"}:
        warn(f"the file of the data is for you to name; in training: {quote(f'data.path={path}')}")
    left_out = data.get("leave_out") if isinstance(data, dict) else None
    if isinstance(left_out, str) and "data.leave_out" not in given:
        word = quote(f"data.leave_out={left_out}")
        warn(f"all training samples are measured on; where those left out are to be: add {word}")
