"""Depths by hand."""

import numpy as np

from nullfit.tasks.prediction_depth.depth import depths


def depth_of(neighbours: list[int], answer: int) -> int:
    (found,) = depths(np.array(neighbours)[:, None], np.array([answer]))
    return int(found)


def test_it_is_the_first_layer_from_which_on_all_agree() -> None:
    assert depth_of([1, 1, 1, 1], 1) == 0
    assert depth_of([0, 1, 1, 1], 1) == 1
    assert depth_of([1, 1, 0, 1], 1) == 3  # agreement that is lost again does not count
    assert depth_of([1, 0, 1, 1], 1) == 2


def test_a_sample_that_the_last_layer_gets_otherwise_has_the_largest_depth() -> None:
    assert depth_of([1, 1, 1, 0], 1) == 4
    assert depth_of([0, 0, 0, 0], 1) == 4


def test_samples_are_looked_at_one_by_one() -> None:
    neighbours = np.array([[0, 1, 2], [0, 1, 1], [0, 0, 1]])
    assert depths(neighbours, np.array([0, 1, 1])).tolist() == [0, 3, 1]
