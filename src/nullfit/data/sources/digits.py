"""`data=digits`: scikit-learn's handwritten digits, installed with it: no download."""

import importlib.metadata
import importlib.util
from functools import cache
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.subset import stratified_split

_SAMPLES, _PIXELS, _TEST_SAMPLES = 1797, 64, 360


def digits() -> Dataset:
    """1,437 training and 360 test images of 8×8 pixels, values k/16, in a fixed stratified split.

    Source: UCI "Optical Recognition of Handwritten Digits" (Alpaydin & Kaynak 1998), its test part.
    """
    images, labels = _read()
    source = f"scikit-learn {importlib.metadata.version('scikit-learn')}, digits"
    everything = ImageSet(images, labels, tuple("0123456789"), source)
    train, test = stratified_split(labels, _TEST_SAMPLES / _SAMPLES, seed=0)
    return Dataset("digits", everything.subset(train), everything.subset(test))


@cache  # jobs of a grid share them; a split is a copy
def _read() -> tuple[Float32[Tensor, "n 1 8 8"], Int64[Tensor, " n"]]:
    """Images in [0, 1] and labels, without importing scikit-learn, which takes seconds."""
    spec = importlib.util.find_spec("sklearn")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    try:
        table = np.loadtxt(folder / "datasets/data/digits.csv.gz", delimiter=",", dtype=np.float32)
    except (OSError, ValueError):  # another release may keep the file elsewhere
        table = np.empty(0, np.float32)
    if table.shape != (_SAMPLES, _PIXELS + 1):
        table = _ask_sklearn()
    images = torch.from_numpy(table[:, :_PIXELS] / 16).view(-1, 1, 8, 8)
    return images, torch.from_numpy(table[:, _PIXELS].astype(np.int64))


def _ask_sklearn() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    from sklearn.datasets import load_digits  # noqa: PLC0415

    bunch = load_digits()
    return np.column_stack([bunch.data, bunch.target]).astype(np.float32)
