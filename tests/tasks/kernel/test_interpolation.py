"""Planned problems, solved, against scikit-learn's KernelRidge."""

import numpy as np
import pytest
import torch
from sklearn.kernel_ridge import KernelRidge

from nullfit.console.progress import Progress
from nullfit.data import digits
from nullfit.features.random_conv import RandomConv
from nullfit.features.raw import Raw
from nullfit.tasks.kernel.interpolation import interpolate
from nullfit.tasks.kernel.problem import KernelProblem
from nullfit.tasks.kernel.stages import Stages

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data():
    images = digits().train
    labels = torch.nn.functional.one_hot(images.labels[:300]).double()
    return images.unit_images()[:300], labels, images.unit_images()[600:700]


def solved(data, name, ridge, features=None, dtype=torch.float32, gamma=0.2):
    train, targets, test = data
    gamma = None if name == "linear" else gamma
    problem = KernelProblem.planned(
        name, gamma, features or Raw(64), train, targets, [test, test[:7]],
        ridge=ridge, dtype=dtype, device=CPU,
    )  # fmt: skip
    return problem, interpolate(problem, Stages(Progress("", problem.need.work.total, shown=False)))


@pytest.mark.parametrize(
    ("name", "sklearn", "ridge"),
    [
        *(("gaussian", "rbf", 1e-9), ("gaussian", "rbf", 0.3)),
        *(("laplacian", "laplacian", 1e-9), ("laplacian", "laplacian", 0.3)),
        *(("linear", "linear", 0.5), ("linear", "linear", 20.0)),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_agrees_with_kernel_ridge(data, name, sklearn, ridge, dtype):
    problem, found = solved(data, name, ridge, dtype=dtype)
    train, targets, test = data
    x, z = train.flatten(1).double().numpy(), test.flatten(1).double().numpy()
    model = KernelRidge(alpha=ridge, kernel=sklearn, gamma=0.2).fit(x, targets.numpy())
    np.testing.assert_allclose(found.train.numpy(), model.predict(x), atol=2e-5)
    np.testing.assert_allclose(found.others[0].numpy(), model.predict(z), atol=2e-5)
    assert torch.equal(found.others[1], found.others[0][:7])
    norm = np.sqrt(np.sum(model.dual_coef_ * model.predict(x)))
    assert found.norm == pytest.approx(norm, rel=1e-4)
    assert problem.need.form == ("primal" if name == "linear" else "held")


def test_without_penalty_all_labels_are_reproduced(data):
    _, found = solved(data, "gaussian", 0.0)
    torch.testing.assert_close(found.train, data[1], atol=2e-6, rtol=0)
    assert found.residual <= 1e-6


def test_least_norm_of_all_that_interpolate(data):
    """Any other function that takes the same values has a larger norm, a smoother one included."""
    _, exact = solved(data, "gaussian", 0.0)
    _, smoothed = solved(data, "gaussian", 0.1)
    assert smoothed.norm < exact.norm
    dense = torch.cdist(*[data[0].flatten(1).double()] * 2).square().mul(-0.2).exp()
    quadratic = (data[1] * torch.linalg.solve(dense, data[1])).sum().sqrt()
    assert exact.norm == pytest.approx(float(quadratic), rel=1e-5)


@pytest.mark.parametrize("name", ["gaussian", "linear"])
def test_features_summed_up_part_by_part_give_the_same(data, name, monkeypatch):
    monkeypatch.setattr("nullfit.features.random_conv._PART", 20)
    make = {"filters": 60, "patch": 3, "threshold": 0.25, "pool": 2}
    features = RandomConv.make(data[0], 0, **make)
    problem, found = solved(data, name, 1e-3, features, gamma=0.02)
    assert problem.need.form == "accumulated"
    monkeypatch.setattr("nullfit.features.random_conv._PART", 60)
    whole, expected = solved(data, name, 1e-3, features, gamma=0.02)
    assert whole.need.form == "held"
    for one, other in zip(found.others, expected.others, strict=True):
        torch.testing.assert_close(one, other, atol=2e-3, rtol=0)
    assert found.norm == pytest.approx(expected.norm, rel=2e-3)


def test_fewer_linear_features_than_samples_have_no_interpolant(data):
    _, found = solved(data, "linear", 0.0)
    assert found.rank is not None
    assert found.rank < 64
    assert found.residual is None
    x = data[0].flatten(1).double().numpy()
    weights, *_ = np.linalg.lstsq(x, data[1].numpy(), rcond=None)
    np.testing.assert_allclose(found.train.numpy(), x @ weights, atol=1e-8)
    assert found.norm == pytest.approx(np.linalg.norm(weights), rel=1e-6)
