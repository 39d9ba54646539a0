"""Memory and work by counting."""

from dataclasses import replace

import pytest

from nullfit.tasks.kernel.need import Need

GIB = 2**30
MNIST = {
    "samples": 60_000, "held_out": 10_000, "dimensions": 784, "part_width": 784, "classes": 10,
    "itemsize": 4, "features_are_images": True, "features_work": 0.0,
}  # fmt: skip


def least(linear=False, can_accumulate=False, of_waves=False, **changed):
    sizes = {**MNIST, **changed}
    return Need.least(linear=linear, can_accumulate=can_accumulate, of_waves=of_waves, **sizes)


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
    assert least(linear=True, penalized=True).work.matrix < least(linear=True).work.matrix


def test_waves_are_solved_by_orthogonal_factors_on_either_side_of_the_samples():
    own = {"features_are_images": False, "samples": 10_000, "held_out": 10_000}
    for waves in (5_000, 10_000, 30_000):
        need = least(linear=True, of_waves=True, dimensions=waves, part_width=waves, **own)
        assert need.form == "orthogonal"
        assert need.bytes > 3 * 10_000 * waves * 8  # in double precision, LAPACK's copy, Q
        least_of, most = sorted((waves, 10_000))
        assert need.work.matrix > 2 * (most - least_of / 3) * least_of**2


def test_the_largest_that_fits_is_tight():
    need = least()
    fits = need.largest(4 * GIB)
    assert replace(need, samples=fits).bytes <= 4 * GIB < replace(need, samples=fits + 1).bytes
    assert need.largest(10 * GIB) == 60_000
    assert need.largest(0) == 0


def test_the_work_of_each_stage():
    work = least().work
    entry = 784 + 30
    assert work.features == 0  # raw images are there
    assert work.factorization == 60_000**3 / 6
    assert work.matrix == 60_000**2 / 2 * entry
    assert work.refinement == 3 * 2 * work.matrix
    assert work.held_out == 2 * 60_000 * 10_000 * entry
    parts = (work.matrix, work.factorization, work.refinement, work.held_out)
    assert work.total == pytest.approx(sum(parts))


def test_the_factorization_outgrows_the_rest():
    small, large = (least(samples=n).work for n in (1_000, 60_000))
    assert small.factorization < 0.1 * small.total
    assert large.factorization > 0.3 * large.total
