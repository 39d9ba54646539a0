"""Whether the data are a matrix of ratings, and which settings have no effect on it."""

import inspect

from nullfit.config.components import locate
from nullfit.config.schema import RunConfig
from nullfit.config.targets import HOMES

_OF_IMAGES = {
    **dict.fromkeys(("crop", "train_limit", "test_limit", "leave_out", "binary")),
    "val_fraction": 0.0,
}


# Settings of the matrix that is generated where no file is given, as data=ratings has them.
_GENERATED = {"rows": 400, "columns": 300, "rank": 5, "noise": 0.5, "observed": 0.25, "seed": 0}


def is_ratings(run: RunConfig) -> bool:
    """Whether the data source gives a matrix of ratings: its return type says so."""
    from nullfit.data.rating_matrix import RatingMatrix

    source = locate(run.data.target, "data", run.allow_targets)
    return inspect.get_annotations(source, eval_str=True).get("return") is RatingMatrix


def check_ratings(run: RunConfig) -> list[str]:
    """What is wrong with the settings of a matrix of ratings, one sentence each."""
    if not is_ratings(run):
        return []
    problems = [
        f"data.{key}={getattr(run.data, key)} has no effect on data={run.data.name}, a matrix of "
        "ratings: factorization.train_share divides its entries."
        for key, neutral in _OF_IMAGES.items()
        if getattr(run.data, key) != neutral
    ]
    own = run.data.target != f"{HOMES['data']}.ratings"  # whose settings mean what they may
    if not own and run.data.settings.get("path") is not None:
        problems += [
            f"data.{key}={run.data.settings[key]} is of a generated matrix and has no effect on "
            "data.path: leave it out."
            for key, default in _GENERATED.items()
            if run.data.settings.get(key, default) != default
        ]
    if run.corruption.fresh:
        problems.append("corruption.fresh=true is impossible for ratings: they are drawn once.")
    return problems
