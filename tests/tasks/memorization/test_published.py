"""Files of published C-scores, and their order."""

import hashlib

import numpy as np
import pytest

from nullfit.errors import UserError
from nullfit.tasks.memorization.published import at_places, compared, read_c_scores


def test_the_order_of_tensorflow_datasets_is_that_of_the_digests(tmp_path) -> None:
    truth = np.linspace(0, 1, 100)
    by_digest = sorted(range(100), key=lambda i: hashlib.md5(f"train{i}".encode()).hexdigest())
    np.save(tmp_path / "scores.npy", truth[by_digest])
    path = str(tmp_path / "scores.npy")
    assert np.array_equal(read_c_scores(path, "tfds"), truth)
    assert np.array_equal(read_c_scores(path, "source"), truth[by_digest])


def test_scores_of_an_npz_file_are_found(tmp_path) -> None:
    np.savez(tmp_path / "a.npz", scores=np.array([0.5, 1.0]), labels=np.array([3, 4]))
    assert read_c_scores(str(tmp_path / "a.npz"), "source").tolist() == [0.5, 1.0]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.array([0.5, 1.5]), "from 0 to 1"),
        (np.array([1, 0]), "from 0 to 1"),
        (np.zeros((2, 2)), "from 0 to 1"),
        (np.array([{}], dtype=object), "cannot be read"),
    ],
)
def test_other_files_are_refused(values, words, tmp_path) -> None:
    np.save(tmp_path / "a.npy", values, allow_pickle=True)
    with pytest.raises(UserError, match=words):
        read_c_scores(str(tmp_path / "a.npy"), "source")


def test_a_file_that_is_not_there_is_named(tmp_path) -> None:
    with pytest.raises(UserError, match=r"memorization.compare=.*there is no such file"):
        read_c_scores(str(tmp_path / "no.npy"), "source")


def test_scores_are_compared_by_the_place_in_the_source() -> None:
    published = np.array([0.1, 0.9, 0.2, 1.0, 0.3])
    found = compared(np.array([0.0, 0.8, np.nan]), at_places(published, np.array([4, 1, 0])))
    assert found["samples"] == 2
    assert found["rank_correlation"] == pytest.approx(1.0)
    assert found["area_under_curve"] == 1.0
    assert found["published_mean"] == pytest.approx(0.6)
    with pytest.raises(UserError, match="belong to other data"):
        at_places(published, np.array([5]))
