"""samples.csv: a row for each training sample, by its place in the source and its file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas
import pytest
import torch
from PIL import Image

from nullfit.data.randomize import randomize
from nullfit.data.randomized_data import Split
from nullfit.results.samples import write_samples
from tests.data.image_folders import make_images, opened


def split(**known: object) -> Split:
    labels, true = torch.tensor([2, 0, 1]), torch.tensor([2, 1, 1])
    return replace(Split(torch.zeros(3, 1, 2, 2), labels, true), **known)


def test_rows_say_which_sample_they_are_of(tmp_path: Path) -> None:
    files = np.array(["train/ä,b/1.png".encode(), b"train/c/2.png", b"train/c/\xff.png"])
    known = split(places=torch.tensor([4, 7, 9]), files=files)
    scores = {
        "first": {"score": np.array([0.5, np.inf, -1]), "rank": np.array([3, 1, 2])},
        "second": {"score": np.array([1.0, 2.0, 3.0])},
    }
    found = pandas.read_csv(write_samples(tmp_path, known, scores))
    assert list(found) == [
        *("index", "file", "label", "true_label", "corrupted"),
        *("score", "rank", "second_score"),
    ]
    assert found["index"].tolist() == [4, 7, 9]
    assert found["file"].tolist()[:2] == ["train/ä,b/1.png", "train/c/2.png"]
    assert found["corrupted"].tolist() == [0, 1, 0]
    assert found["score"].tolist() == [0.5, np.inf, -1]
    assert found["second_score"].tolist() == [1, 2, 3]


def test_without_files_and_places_the_split_is_that_of_the_source(tmp_path: Path) -> None:
    found = pandas.read_csv(write_samples(tmp_path, split(), {"one": {"score": np.ones(3)}}))
    assert found["index"].tolist() == [0, 1, 2]
    assert found["file"].isna().all()


def test_pictures_are_stretched_to_all_greys() -> None:
    images = torch.tensor([[[[-3.0, 1.0]]], [[[2.0, 2.0]]], [[[0.0, 5.0]]]])
    found = split(pixels=images).pictures(np.array([2, 0])[::-1])
    assert found.tolist() == [[[[0, 1]]], [[[0, 1]]]]
    assert not split(pixels=images).pictures(np.array([1])).any()


@pytest.mark.parametrize("streaming", [False, True])
def test_samples_of_image_files_have_their_names(tmp_path: Path, streaming: bool) -> None:
    root = make_images(tmp_path / "images", "ab", train=12, test=4)
    (root / "train" / "a" / "notes.txt").write_text("no image")
    for _ in range(2):  # read from files, then from the cache
        data = opened(root, tmp_path / "cache", streaming)
        train = randomize(data, [], 0, val_fraction=0.5).train
        assert train.files is not None
        assert train.places is not None
        for place, name, label in zip(train.places, train.files, train.labels, strict=True):
            path = root / name.decode()
            assert path.parent.name == "ab"[int(label)]
            pixels = np.asarray(Image.open(path)).transpose(2, 0, 1)
            assert np.array_equal(data.train.tensor[int(place)], pixels)
