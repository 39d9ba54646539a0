"""What cannot be solved is refused with numbers and a way out."""

import pytest
import torch

from nullfit.console.progress import Progress
from nullfit.errors import UserError
from nullfit.features.raw import Raw
from nullfit.tasks.kernel.duplicates import Duplicates, duplicates
from nullfit.tasks.kernel.interpolation import interpolate
from nullfit.tasks.kernel.problem import KernelProblem
from nullfit.tasks.kernel.refusals import explained, refuse_duplicates, refuse_too_large
from nullfit.tasks.kernel.stages import Stages

IMAGES = torch.rand(3000, 1, 4, 4, generator=torch.Generator().manual_seed(0))


def problem(images=IMAGES, name="gaussian", gamma=0.5, dtype=torch.float32, ridge=0.0):
    targets = torch.nn.functional.one_hot(torch.arange(len(images)) % 3).double()
    device = torch.device("cpu")
    return KernelProblem.planned(
        name, gamma, Raw(16), images, targets, [images[:9]], ridge=ridge, dtype=dtype, device=device
    )


def test_too_large_says_what_would_fit():
    single, double = problem(), problem(dtype=torch.float64)
    refuse_too_large(single.need, single.device, single.need.bytes)
    short = single.need.bytes - 1
    with pytest.raises(UserError, match=r"3,000 training samples .* GiB are free") as caught:
        refuse_too_large(single.need, single.device, short)
    fits = int(str(caught.value).partition("data.train_limit=")[2].rstrip("."))
    assert 2900 < fits < 3000
    with pytest.raises(UserError, match=r"train_limit=\d+ or trainer.precision=32-true\."):
        refuse_too_large(double.need, double.device, single.need.bytes)
    with pytest.raises(UserError, match=r"Fewer features are needed, too\."):
        refuse_too_large(single.need, single.device, 1000)


def test_duplicates_are_found_to_the_bit():
    images = IMAGES[:50].clone()
    assert duplicates(images) is None
    refuse_duplicates(images)
    images[40] = images[3]
    images[45] = images[3]
    images[20] = images[4] + 1e-6
    assert duplicates(images) == Duplicates(2, 3, 40)
    with pytest.raises(UserError, match=r"2 of 50 .* \(number 40 is number 3\).*singular"):
        refuse_duplicates(images)


def solve(planned):
    with explained(planned, "raw"):
        interpolate(planned, Stages(Progress("", 1.0, shown=False)))


def test_a_singular_matrix_says_what_to_do():
    images = IMAGES[:60].clone()
    images[30:] = images[:30]
    with pytest.raises(
        UserError, match=r"singular or indefinite in single precision \(it .* 60\)"
    ) as caught:
        solve(problem(images))
    for way in ("kernel.ridge=1e-3", "kernel.gamma above 0.5", "64-true", "almost equal"):
        assert way in str(caught.value)
    solve(problem(images, ridge=1e-2))


def test_too_smooth_a_kernel_is_singular_even_in_double_precision():
    with pytest.raises(UserError, match="double precision") as caught:
        solve(problem(gamma=1e-9, dtype=torch.float64))
    assert "64-true" not in str(caught.value)


def test_a_linear_kernel_of_dependent_samples():
    images = IMAGES[:10].clone()
    images[7] = images[1] + images[2]
    with pytest.raises(UserError, match=r"fewer samples than the features have rank"):
        solve(problem(images, name="linear", gamma=None))
