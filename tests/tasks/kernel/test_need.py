"""Memory by counting, and time from rates."""

from dataclasses import replace

import pytest

from nullfit.tasks.kernel.need import Need
from nullfit.tasks.kernel.rates import Rates

GIB = 2**30
MNIST = {
    "samples": 60_000, "held_out": 10_000, "dimensions": 784, "part_width": 784, "classes": 10,
    "itemsize": 4, "features_are_images": True,
}  # fmt: skip
RATES = Rates(
    products=1e11, exact_products=5e10, entries=1e8, exact_entries=5e7, seconds_per_image=1e-3
)


def least(linear=False, can_accumulate=False, **changed):
    sizes = {**MNIST, **changed}
    return Need.least(linear=linear, can_accumulate=can_accumulate, **sizes)


def test_mnist_fits_on_a_small_machine():
    need = least()
    assert need.form == "held"
    assert 60_000**2 / 2 * 4 < need.bytes < 8 * GIB
    assert 60_000**2 / 2 * 8 < least(itemsize=8).bytes < 16 * GIB


def test_32000_filters_are_summed_up():
    convolutional = {"dimensions": 256_000, "part_width": 2048, "features_are_images": False}
    need = least(can_accumulate=True, samples=50_000, **convolutional)
    assert need.form == "accumulated"
    assert need.bytes < 14 * GIB
    assert least(samples=50_000, **convolutional).bytes > 50 * GIB  # laplacian cannot
    few = {"dimensions": 4096, "part_width": 2048, "features_are_images": False}
    assert least(can_accumulate=True, samples=50_000, **few).form == "held"


def test_linear_kernels_are_solved_for_the_fewer_unknowns():
    assert least(linear=True).form == "primal"
    assert least(linear=True).bytes < GIB
    assert least(linear=True, samples=500).form == "held"


def test_the_largest_that_fits_is_tight():
    need = least()
    fits = need.largest(4 * GIB)
    assert replace(need, samples=fits).bytes <= 4 * GIB < replace(need, samples=fits + 1).bytes
    assert need.largest(10 * GIB) == 60_000
    assert need.largest(0) == 0


def test_seconds_by_stage():
    seconds = least().seconds(RATES)
    assert seconds.factorization == pytest.approx(60_000**3 / 6 / 1e11)
    assert seconds.matrix == pytest.approx(18.0)
    assert seconds.refinement == pytest.approx(3 * 36.0)
    assert seconds.held_out == pytest.approx(12.0)
    assert seconds.total == pytest.approx(
        sum((seconds.features, seconds.matrix, seconds.factorization, 3 * 36.0, 12.0))
    )
