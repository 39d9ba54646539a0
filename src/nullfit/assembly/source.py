"""What the data source of a run gives."""

from typing import Any

from nullfit.config.components import parameters, target_of
from nullfit.config.ratings import is_ratings
from nullfit.config.schema import RunConfig
from nullfit.console.messages import one_line, warn
from nullfit.data.binary import with_two_classes
from nullfit.data.image_set import Dataset
from nullfit.data.limit import limit
from nullfit.data.rating_matrix import RatingMatrix
from nullfit.errors import UserError

_NAMED = 5  # classes in a message


def load_dataset(config: RunConfig) -> Dataset:
    """The chosen data source, cut down to the limits, of two classes where these are asked for.

    Raises:
        UserError: it gives no images, or images of one class only, or does not have the classes of
            ``data.binary``.
    """
    return limited(config, read_source(config))


def limited(config: RunConfig, dataset: Any) -> Dataset:
    """What the data source of a run gave, cut down to the limits, see `load_dataset`.

    Raises:
        UserError: it is no set of images, or as `load_dataset`.
    """
    if isinstance(dataset, RatingMatrix):
        raise UserError(
            f"task={config.task.name} needs images, and data={config.data.name} is a matrix of "
            "ratings: use task=factorization, or data=digits."
        )
    if not isinstance(dataset, Dataset):
        raise UserError(
            f"data._target_={config.data.target} returned a {type(dataset).__name__}.\nReturn "
            "nullfit.data.Dataset(name, train, test), each split an ImageSet."
        )
    kept = of_all_classes = limit(dataset, config.data.train_limit, config.data.test_limit)
    if config.data.binary is not None:  # after the limits: a subset is the same with and without
        kept = with_two_classes(kept, config.data.binary)
    if not (kept.train.labels != kept.train.labels[0]).any():
        raise UserError(
            f"data={config.data.name}: all training samples ({len(kept.train)}) are of one "
            "class, so that there is nothing to learn.\nTake a data set of two classes at least, "
            "and data.train_limit large enough for them."
        )
    _tell_of_lost_classes(config, dataset, of_all_classes)
    return kept


def _tell_of_lost_classes(config: RunConfig, dataset: Dataset, kept: Dataset) -> None:
    """Warn of classes that a limit takes all training samples of: no network can learn them."""
    if config.data.train_limit is None:
        return
    there = dataset.train.labels.unique().tolist()
    lost = sorted(set(there) - set(kept.train.labels.tolist()))
    if lost:
        names = ", ".join(one_line(dataset.train.classes[label]) for label in lost[:_NAMED])
        more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
        warn(
            f"data.train_limit={config.data.train_limit} leaves {len(lost)} of {len(there)} "
            f"classes without training samples: {names}{more}. From {len(there)} on each has one."
        )


def load_ratings(config: RunConfig) -> RatingMatrix:
    """The chosen matrix of ratings.

    Raises:
        UserError: the data source gives something else.
    """
    require_ratings(config)
    matrix: RatingMatrix = read_source(config)
    return matrix


def require_ratings(config: RunConfig) -> None:
    """See that the data source gives a matrix of ratings.

    Raises:
        UserError: it gives something else.
    """
    if not is_ratings(config):
        raise UserError(
            f"task={config.task.name} needs a matrix of ratings, and data={config.data.name} is "
            "none: use data=ratings, with data.path=… for a CSV file of your own."
        )


def read_source(config: RunConfig) -> Any:
    """What the chosen data source gives.

    Raises:
        UserError: it cannot be read.
    """
    return target_of(config, "data")(**source_settings(config))


def source_settings(config: RunConfig) -> dict[str, Any]:
    """What the chosen data source is called with."""
    common = {name: getattr(config.data, name) for name in type(config.data).model_fields}
    settings = {**common, **config.data.settings}
    declared = parameters(target_of(config, "data"))  # what the file leaves out has a default
    return {name: settings[name] for name in declared if name in settings}
