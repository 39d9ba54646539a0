"""The kernels against scikit-learn's."""

import pytest
import torch
from sklearn.metrics import pairwise

from nullfit.tasks.kernel.kernel_function import (
    Gaussian,
    Laplacian,
    Linear,
    make_kernel,
    mean_distance,
)

X = torch.rand(30, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
Y = torch.rand(20, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("kernel", "reference"),
    [
        (Gaussian(0.3), lambda x, y: pairwise.rbf_kernel(x, y, gamma=0.3)),
        (Laplacian(0.3), lambda x, y: pairwise.laplacian_kernel(x, y, gamma=0.3)),
        (Linear(), pairwise.linear_kernel),
    ],
)
def test_agrees_with_scikit_learn(kernel, reference):
    expected = torch.from_numpy(reference(X.numpy(), Y.numpy()))
    torch.testing.assert_close(kernel(X, Y), expected)
    torch.testing.assert_close(kernel(X.float(), Y.float()), expected.float())


def test_rounding_takes_no_gaussian_above_one():
    far = 100 + X.float()
    assert Gaussian(10.0)(far, far).max() <= 1


@pytest.mark.parametrize(("name", "power", "norm"), [("gaussian", 2, 2), ("laplacian", 1, 1)])
def test_gamma_follows_from_the_mean_distance(name, power, norm):
    distances = torch.cdist(X, X, p=norm) ** power
    mean = float(distances[~torch.eye(len(X), dtype=torch.bool)].mean())
    assert mean_distance(X, squared=power == 2) == pytest.approx(mean)
    kernel = make_kernel(name, None, X)
    assert kernel.gamma == pytest.approx(2 / mean)
    assert make_kernel(name, 0.5, X).gamma == 0.5


def test_equal_samples_still_give_a_gamma():
    assert make_kernel("gaussian", None, torch.zeros(5, 3)).gamma == 2
