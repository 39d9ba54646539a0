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
from nullfit.errors import UserError
from nullfit.results.samples import mean_samples, read_samples, samples_table, write_samples
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


def test_probabilities_next_to_one_do_not_tie(tmp_path: Path) -> None:
    near = np.array([1 - 1e-9, 1 - 1e-12, 1.0])
    write_samples(tmp_path, split(), {"one": {"posterior": near, "other": np.full(3, 1 / 3)}})
    assert read_samples(tmp_path).scores["posterior"].tolist() == near.tolist()
    assert "0.333333\n" in (tmp_path / "samples.csv").read_text()


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


def table(**columns: list[float]) -> pandas.DataFrame:
    return pandas.DataFrame({"index": [4, 7], "label": [0, 1], "corrupted": [0, 0], **columns})


def test_means_over_runs_have_what_all_runs_have_alike() -> None:
    found = mean_samples([
        table(forgetting=[0, 1], aum=[1.0, 2.0], alone=[1, 1]),
        table(forgetting=[2, np.inf], aum=[2.0, 4.0], label=[0, 2]),
    ])  # fmt: skip
    assert found is not None
    assert list(found) == ["index", "corrupted", "forgetting", "forgetting_sd", "aum", "aum_sd"]
    assert found["aum"].tolist() == [1.5, 3]
    assert found["aum_sd"].tolist() == pytest.approx([0.5**0.5, 2**0.5])
    assert found["forgetting"].tolist() == [1, np.inf]
    assert found["forgetting_sd"].isna().tolist() == [False, True]
    assert mean_samples([table(aum=[1, 2]), table(aum=[1, 2], index=[4, 8])]) is None


@pytest.mark.parametrize("text", ["", "index,aum\n1,high\n", "aum\n0.5\n", "index\n1,2\n3,4,5\n"])
def test_a_damaged_table_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match=r"has no samples\.csv"):
        samples_table(tmp_path)
    (tmp_path / "samples.csv").write_text(text)
    for read in (samples_table, read_samples):
        with pytest.raises(UserError, match=r"samples\.csv is damaged"):
            read(tmp_path)


def test_a_table_without_labels_has_means_and_is_no_table_of_samples(tmp_path: Path) -> None:
    (tmp_path / "samples.csv").write_text("index,aum\n1,2.5\n")
    assert samples_table(tmp_path)["aum"].tolist() == [2.5]
    with pytest.raises(UserError, match="has no column file"):
        read_samples(tmp_path)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_samples(tmp_path, split(), {"one": {"score": np.array([0.5, np.inf, 2])}})
    assert samples_table(tmp_path)["score"].tolist() == [0.5, np.inf, 2]
    assert read_samples(tmp_path).scores == {}  # of none does it stand which end is suspicious
