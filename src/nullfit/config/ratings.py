"""What goes together with a matrix of ratings, and what with images."""

import inspect

from nullfit.config.components import locate
from nullfit.config.schema import CorruptionConfig, RunConfig
from nullfit.errors import UserError

_OF_IMAGES = {"crop": None, "train_limit": None, "test_limit": None, "val_fraction": 0.0}


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
    if run.corruption.fresh:
        problems.append("corruption.fresh=true is impossible for ratings: they are drawn once.")
    return problems


def refuse_other_kind(run: RunConfig, corruption: CorruptionConfig) -> None:
    """See that ratings are corrupted as ratings and images as images.

    Raises:
        UserError: ``corruption`` is meant for the other kind of data.
    """
    if corruption.name == "none":
        return
    of_entries = corruption.name.endswith("_entries")
    if of_entries and not is_ratings(run):
        raise UserError(
            f"corruption={corruption.name} is for the entries of a matrix, and "
            f"data={run.data.name} has none: use task=factorization data=ratings, or a corruption "
            "of images."
        )
    if is_ratings(run) and not of_entries:
        raise UserError(
            f"corruption={corruption.name} is for images, and data={run.data.name} is a matrix of "
            "ratings: use none, shuffled_entries or gaussian_entries."
        )
