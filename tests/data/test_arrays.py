"""Arrays of a user's own are taken where their meaning is plain, and refused with an example."""

from typing import Any

import numpy as np
import pytest
import torch

from nullfit.data import ImageSet
from nullfit.errors import UserError

GREY = np.arange(24, dtype=np.uint8).reshape(4, 2, 3) * 10
UNIT = (GREY / np.float64(255)).clip(0, 1)
COLOUR = np.random.default_rng(0).integers(0, 256, (4, 6, 5, 3), np.uint8)


def made(images: Any = GREY, labels: Any = (0, 1, 0, 1), classes: Any = ("a", "b")) -> ImageSet:
    return ImageSet(images, labels, classes, "my data")


def read_only(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flags.writeable = False
    return array


BYTES = {
    "bytes": GREY,
    "a tensor": torch.from_numpy(GREY),
    "int32": GREY.astype(np.int32),
    "int64 of another byte order": GREY.astype(">i8"),
    "floats of 0 to 255": GREY.astype(np.float32),
    "with channels": GREY[:, None],
    "read-only": read_only(GREY),
    "a tensor of int16": torch.from_numpy(GREY.astype(np.int16)),
    "a tensor of uint16": torch.from_numpy(GREY.astype(np.uint16)),
    "nested lists": GREY.tolist(),
    "turned twice": GREY[:, ::-1].copy()[:, ::-1],
}


@pytest.mark.parametrize("images", BYTES.values(), ids=list(BYTES))
def test_images_that_are_plainly_bytes(images: Any) -> None:
    images = made(images).images
    assert images.dtype == torch.uint8
    assert np.array_equal(images.numpy(), GREY[:, None])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ">f4"])
def test_floats_between_0_and_1(dtype: Any) -> None:
    images = made(UNIT.astype(dtype)).images
    assert images.dtype == torch.float32
    assert images.shape == (4, 1, 2, 3)
    np.testing.assert_allclose(images[:, 0].numpy(), UNIT, atol=1e-3)


def test_fractions_of_255_are_divided() -> None:
    images = made(GREY + np.float32(0.5)).images
    np.testing.assert_allclose(images[:, 0].numpy(), (GREY + 0.5) / 255, rtol=1e-6)


def test_false_and_true_are_black_and_white() -> None:
    assert made(GREY > 50).images.unique().tolist() == [0.0, 1.0]


def test_channels_in_the_last_place_are_turned_where_that_is_plain() -> None:
    assert np.array_equal(made(COLOUR).images.numpy(), COLOUR.transpose(0, 3, 1, 2))
    assert made(np.zeros((4, 8, 8, 1), np.uint8)).shape == (1, 8, 8)
    assert made(np.zeros((4, 16, 9, 1), np.uint8)).shape == (16, 9, 1)  # sixteen time series
    assert made(np.zeros((4, 3, 8, 4), np.uint8)).shape == (3, 8, 4)


def with_one(value: float, dtype: Any = np.float32) -> np.ndarray:
    images = UNIT.astype(dtype)
    images[2, 1, 1] = value
    return images


REFUSED = {
    "negative": (with_one(-0.25), r"1 of 24 values are out of range, e.g. -0.25 in image 2: "),
    "above 1": (with_one(1.5), r"e.g. 1.5 in image 2: floats lie in \[0, 1\]"),
    "nan": (with_one(np.nan), r"e.g. nan in image 2"),
    "infinite": (with_one(np.inf), r"e.g. inf in image 2"),
    "above 255": (GREY.astype(np.float32) * 10, "out of range"),
    "of 16 bits": (GREY.astype(np.uint16) * 100, r"e.g. 1000 in image 0: bytes are 0 to 255"),
    "texts": (np.array(["a", "b"]), "images must be numbers in an array; these are str"),
    "of two lengths": ([[0, 1], [0]], "images are no array"),
    "complex": (torch.zeros(4, 1, 2, 2, dtype=torch.complex64), "images must be real numbers"),
    "rows": (np.zeros((4, 6)), r"these have \(4, 6\)\.\nTurn rows into images"),
    "videos": (np.zeros((4, 1, 2, 3, 3)), r"shape \(samples, channels, height, width\); these h"),
    "too few": (GREY[:3], "3 images but 4 labels"),
    "none": (GREY[:0], "no images found"),
}


@pytest.mark.parametrize(("images", "message"), REFUSED.values(), ids=list(REFUSED))
def test_other_images_are_refused(images: Any, message: str) -> None:
    with pytest.raises(UserError, match=f"^my data: .*{message}") as refusal:
        made(images)
    assert len(str(refusal.value).splitlines()) <= 2


LABELS = {
    "int32": np.array([0, 1, 0, 1], np.int32),
    "uint8": np.array([0, 1, 0, 1], np.uint8),
    "a tensor of int32": torch.tensor([0, 1, 0, 1], dtype=torch.int32),
    "whole floats": np.array([0.0, 1.0, 0.0, 1.0]),
    "false and true": np.array([False, True, False, True]),
    "a column": np.array([[0], [1], [0], [1]]),
    "a list": [0, 1, 0, 1],
    "names": ["a", "b", "a", "b"],
    "names in an array of objects": np.array(["a", "b", "a", "b"], object),
}


@pytest.mark.parametrize("labels", LABELS.values(), ids=list(LABELS))
def test_labels_that_are_plainly_classes(labels: Any) -> None:
    taken = made(labels=labels).labels
    assert taken.dtype == torch.int64
    assert taken.tolist() == [0, 1, 0, 1]


NO_CLASSES = {
    "negative": ([0, 1, -1, -1], r"2 of 4 labels are no classes, e.g. -1 of sample 2\."),
    "too large": ([0, 1, 2, 1], r"1 of 4 labels .*e.g. 2 of sample 2\.\n2 classes allow .* 0 to 1"),
    "fractions": ([0, 0.5, 1, 1], r"e.g. 0.5 of sample 1"),
    "nan": ([0, np.nan, 1, 1], r"e.g. nan of sample 1"),
    "another name": (["a", "b", "c", "a"], r"e.g. 'c' of sample 2\.\nThe classes are a, b\."),
    "one-hot": (np.eye(2)[[0, 1, 0, 1]], r"labels have the shape \(4, 2\).*\n.*argmax\(1\)"),
    "complex": ([1j, 0, 0, 0], "labels must be numbers"),
}


@pytest.mark.parametrize(("labels", "message"), NO_CLASSES.values(), ids=list(NO_CLASSES))
def test_labels_that_are_no_classes_are_refused(labels: Any, message: str) -> None:
    with pytest.raises(UserError, match=f"^my data: (?s:.*){message}"):
        made(labels=labels)


def test_classes_may_be_a_list_and_no_texts() -> None:
    assert made(classes=[3, 5]).classes == ("3", "5")


def test_numbers_of_any_scale_are_taken_if_it_is_said() -> None:
    numbers = np.random.default_rng(0).standard_normal((4, 1, 1, 5))
    data = ImageSet(numbers, [0, 1, 0, 1], ("a", "b"), "my table", any_scale=True)
    assert torch.equal(data.subset([1]).images, data.images[1:2])
    with pytest.raises(UserError, match="nan in image 1"):
        ImageSet(numbers * [[[[1]]], [[[np.nan]]], [[[1]]], [[[1]]]], [0] * 4, "a", "x", None, True)
