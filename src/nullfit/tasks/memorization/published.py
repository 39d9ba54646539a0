"""Our C-scores against published ones, which a user has as a file."""

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64
from scipy.stats import spearmanr

from nullfit.errors import UserError
from nullfit.results.ranking import area_under_curve
from nullfit.system.files import at_home
from nullfit.system.reading import ARRAYS_BYTES, NO_ARRAYS, open_regular
from nullfit.tasks.memorization.settings import Order

_IRREGULAR = 0.5  # samples below it are hard to predict
_ARRAY = "scores"  # in an .npz file
_SETTING = "memorization.compare"


def read_c_scores(path: str, order: Order) -> Float64[np.ndarray, " source"]:
    """Published scores by the place of a sample in its source, each in [0, 1].

    With ``order`` *tfds* the k-th score of the file belongs to the k-th place i once all are sorted
    by the MD5 digest of "train" and i, as TensorFlow Datasets orders MNIST's training set.

    Raises:
        UserError: the file cannot be read, or holds something else.
    """
    values = _array(path)
    if values.ndim != 1 or values.dtype.kind != "f":
        raise UserError(
            f"{_SETTING}={path}: scores are a row of numbers from 0 to 1; this is {values.dtype} "
            f"of shape {values.shape}."
        )
    if (outside := ~((values >= 0) & (values <= 1))).any():
        first = int(outside.argmax())
        raise UserError(
            f"{_SETTING}={path}: scores are numbers from 0 to 1; that at place {first} is "
            f"{values[first]}."
        )
    scores = values.astype(np.float64)
    if order == "tfds":
        digests = [hashlib.md5(f"train{i}".encode()).hexdigest() for i in range(len(scores))]
        placed = np.empty_like(scores)
        placed[np.argsort(digests, kind="stable")] = scores
        return placed
    return scores


def _array(path: str) -> np.ndarray:
    place = Path(at_home(path))
    try:
        with open_regular(place, ARRAYS_BYTES, links=True) as file:
            loaded = np.load(io.BytesIO(file.read()), allow_pickle=False)
            return np.asarray(loaded if isinstance(loaded, np.ndarray) else loaded[_ARRAY])
    except FileNotFoundError as error:
        raise UserError(f"{_SETTING}={path}: there is no such file.") from error
    except UserError:
        raise
    except NO_ARRAYS as error:
        raise UserError(
            f"{_SETTING}={path} cannot be read: give a .npy file of scores, or an .npz file with "
            f"the array {_ARRAY}."
        ) from error


def at_places(
    published: Float64[np.ndarray, " source"], places: Int64[np.ndarray, " n"]
) -> Float64[np.ndarray, " n"]:
    """The published scores of some samples of the source.

    Raises:
        UserError: one of them has none.
    """
    if places.max() >= len(published):
        raise UserError(
            f"{_SETTING} has {len(published):,} scores, and the training set a sample at place "
            f"{places.max():,}: the scores belong to other data."
        )
    found: Float64[np.ndarray, " n"] = published[places]
    return found


def compared(
    ours: Float64[np.ndarray, " n"], published: Float64[np.ndarray, " n"]
) -> dict[str, Any]:
    """Agreement of our scores with the published ones of the same samples.

    ``area_under_curve`` says how well a small score of ours finds samples below 0.5 there; None
    where there are none, or only such.
    """
    known = np.isfinite(ours)
    ours, theirs = ours[known], published[known]
    hard = theirs < _IRREGULAR
    both = bool(hard.any()) and not hard.all()
    varied = min(len(set(values.tolist())) for values in (ours, theirs)) > 1
    return {
        "samples": len(ours),
        "rank_correlation": float(spearmanr(ours, theirs).statistic) if varied else None,
        "area_under_curve": area_under_curve(-ours, hard) if both else None,
        "mean": float(ours.mean()),
        "published_mean": float(theirs.mean()),
    }
