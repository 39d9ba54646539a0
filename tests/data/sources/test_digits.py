import subprocess
import sys

import numpy as np
import pytest
import torch

from nullfit.data import digits
from nullfit.data.sources.digits import _read


def test_the_real_digits_in_a_fixed_stratified_split() -> None:
    data = digits()
    assert (len(data.train), len(data.test)) == (1437, 360)
    assert data.train.shape == data.test.shape == (1, 8, 8)
    assert set(torch.bincount(data.test.labels).tolist()) <= {35, 36, 37}
    assert data.train.images.dtype == torch.float32
    assert torch.equal(data.train.images * 16, (data.train.images * 16).round())
    assert (data.train.images.min(), data.train.images.max()) == (0, 1)
    assert torch.equal(data.test.images, digits().test.images)


def test_they_are_scikit_learns_and_no_sample_is_in_both_splits() -> None:
    from sklearn.datasets import load_digits

    data, bunch = digits(), load_digits()
    rows = np.column_stack([bunch.data, bunch.target])
    ours = np.concatenate(
        [
            np.column_stack([split.images.flatten(1).numpy() * 16, split.labels.numpy()])
            for split in (data.train, data.test)
        ]
    )
    assert np.array_equal(rows[np.lexsort(rows.T)], ours[np.lexsort(ours.T)])


def test_the_fallback_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = digits()

    read, calls = np.loadtxt, []

    def fail_first(*arguments: object, **options: object) -> np.ndarray:
        calls.append(arguments)
        if len(calls) == 1:
            raise FileNotFoundError
        return read(*arguments, **options)  # scikit-learn's own call

    monkeypatch.setattr(np, "loadtxt", fail_first)
    _read.cache_clear()
    assert torch.equal(digits().train.images, expected.train.images)
    assert torch.equal(digits().train.labels, expected.train.labels)
    assert len(calls) == 2


def test_what_is_done_to_a_set_is_not_done_to_the_next() -> None:
    expected = digits()
    changed = digits()
    for split in (changed.train, changed.test):
        split.images.zero_()
        split.labels.zero_()
    assert torch.equal(digits().train.images, expected.train.images)
    assert torch.equal(digits().test.labels, expected.test.labels)


def test_scikit_learn_is_not_imported() -> None:
    code = (
        "import sys; from nullfit.data import digits; digits(); "
        "sys.exit(bool({'sklearn', 'torchvision', 'pytorch_lightning', 'PIL'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
