"""Both forms of a kernel matrix against the matrix itself."""

import pytest
import torch

from nullfit.features.raw import Raw
from nullfit.tasks.kernel.accumulated import AccumulatedMatrix
from nullfit.tasks.kernel.kernel_function import Gaussian, Laplacian, Linear
from nullfit.tasks.kernel.matrix import MatrixOfFeatures
from nullfit.tasks.kernel.packed import BlockColumns

SAMPLES = 2200  # several block columns, and more rows than are worked on at once
CPU = torch.device("cpu")


class InPieces(Raw):
    """Pixels in four parts, as features come that are too many to hold."""

    parts = 4

    @property
    def width(self):
        return self.pixels // self.parts

    def of_block(self, images, part):
        return images.flatten(1)[:, part * self.width : (part + 1) * self.width]


@pytest.fixture(scope="module")
def images():
    random = torch.Generator().manual_seed(0)
    return [torch.rand(n, 1, 2, 4, generator=random) for n in (SAMPLES, 30)]


@pytest.mark.parametrize(
    ("kernel", "accumulated"),
    [
        *((Gaussian(2.0), False), (Laplacian(1.0), False), (Linear(), False)),
        *((Gaussian(2.0), True), (Linear(), True)),
    ],
)
def test_columns_products_and_held_out_samples(images, kernel, accumulated):
    train, test = (x.flatten(1) for x in images)
    if accumulated:
        matrix = AccumulatedMatrix.of(kernel, InPieces(8), images[0], images[1:], CPU)
    else:
        matrix = MatrixOfFeatures(kernel, train, [test])
    assert matrix.size == SAMPLES
    exact = kernel(train.double(), train.double())
    for start, stop in BlockColumns(SAMPLES):
        found = matrix.column(start, stop, torch.float32)
        torch.testing.assert_close(found, exact[start:, start:stop].float(), atol=3e-6, rtol=1e-5)
    coefficients = torch.randn(SAMPLES, 3, dtype=torch.float64)
    close = {"atol": 1e-3, "rtol": 1e-5} if accumulated else {}
    ticks, others = [], []
    product = matrix.product(coefficients, ticks.append)
    torch.testing.assert_close(product, exact @ coefficients, **close)
    assert sum(ticks) == BlockColumns(SAMPLES).entries
    expected = kernel(test.double(), train.double()) @ coefficients
    torch.testing.assert_close(matrix.held_out(0, coefficients, others.append), expected, **close)
    assert sum(others) == SAMPLES * len(test)


def test_a_column_may_be_overwritten(images):
    matrix = AccumulatedMatrix.of(Linear(), InPieces(8), images[0], [], CPU)
    matrix.column(0, 512, torch.float32).zero_()
    assert matrix.column(0, 512, torch.float32).abs().sum() > 0
