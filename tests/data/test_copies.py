"""Test samples that are training samples are counted and said, with an example."""

import csv
from dataclasses import asdict

import numpy as np
import torch
from PIL import Image

from nullfit.data.copies import copies_in_test, told_copies
from nullfit.data.image_set import Dataset, ImageSet
from tests.command_line import carry_out


def _set(images: np.ndarray, labels: list[int]) -> ImageSet:
    return ImageSet(torch.from_numpy(images), labels, ["a", "b"], "a test")


def test_the_count_is_that_of_comparing_each_with_each() -> None:
    random = np.random.default_rng(0)
    train = random.integers(0, 2, (60, 1, 2, 3), dtype=np.uint8)  # so few pixels that many agree
    test = random.integers(0, 2, (40, 1, 2, 3), dtype=np.uint8)
    for kind in (np.uint8, np.float32):
        dataset = Dataset(
            "x", _set(train.astype(kind), [0] * 60), _set(test.astype(kind), [1] * 40)
        )
        found = copies_in_test(dataset)
        equal = (test[:, None] == train[None]).all((2, 3, 4)).any(1)
        assert found is not None
        assert 0 < found.count == equal.sum() == found.labels_differ < 40
        assert found.test == f"test sample {equal.argmax()}"
        assert found.listed == [f"test sample {at}" for at in equal.nonzero()[0]]
        assert told_copies(asdict(found)).startswith(f"{found.count} test samples are copies")


def test_without_copies_nothing_is_said() -> None:
    images = np.arange(8, dtype=np.uint8).reshape(8, 1, 1, 1)
    found = copies_in_test(Dataset("x", _set(images[:4], [0, 1] * 2), _set(images[4:], [0, 1] * 2)))
    assert found is not None
    assert found.count == 0
    assert told_copies(asdict(found)) == ""


def test_a_folder_is_told_of_at_training_and_at_cleaning(tmp_path) -> None:
    random = np.random.default_rng(0)
    for part, number in (("train", 20), ("test", 5)):
        for label in "ab":
            (tmp_path / "own" / part / label).mkdir(parents=True)
            for name in range(number):
                pixels = random.integers(0, 256, (6, 6), dtype=np.uint8)
                Image.fromarray(pixels).save(tmp_path / "own" / part / label / f"{name:02}.png")
    # The same pixels in another file and another format, of another class.
    copied = Image.open(tmp_path / "own" / "train" / "a" / "03.png")
    copied.save(tmp_path / "own" / "test" / "b" / "04.png", compress_level=0)
    images = ["data=image_folder", "data.root=own", "data.crop=null", "data.channels=1"]
    small = ["model=mlp", "model.hidden=[4]", "trainer.max_epochs=2", "logger=csv", "study=s"]
    line = (
        "1 test sample is a copy of a training sample, 1 with another label, e.g. test/b/04.png of "
        "train/a/03.png"
    )
    trained = carry_out(tmp_path, *images, *small, "probe=dynamics")
    assert trained.code == 0, trained.err
    assert trained.err.count(line) == 1
    grid = ["corruption=random_labels", "seed=0,1"]
    together = carry_out(tmp_path, "-m", *images, *small, *grid, "study=several")
    assert together.err.count(line) == 1  # not for each run
    assert carry_out(tmp_path, "task=report", "study=several").code == 0
    page = (tmp_path / "outputs" / "several" / "report" / "index.html").read_text()
    assert page.count(line) == 1
    assert carry_out(tmp_path, "task=card", "study=several").code == 0
    card = (tmp_path / "outputs" / "several" / "study.md").read_text()
    assert card.replace("\\", "").count(line) == 1
    cleaned = carry_out(tmp_path, "task=clean", "clean.run=outputs/s", "clean.count=3", "study=s")
    assert cleaned.out.count(line) == 1
    limited = carry_out(tmp_path, *images, *small, "data.test_limit=2", "study=limited")
    assert line not in limited.out + limited.err


def test_a_table_is_told_of(tmp_path) -> None:
    random = np.random.default_rng(0)
    rows = [[*random.normal(size=3).round(3), "ab"[n % 2]] for n in range(30)]
    with (tmp_path / "own.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["x", "y", "z", "kind"], *rows, *rows])
    words = ["data=table", "data.path=own.csv", "data.target=kind", "model=mlp", "model.hidden=[4]"]
    trained = carry_out(tmp_path, *words, "trainer.max_epochs=1", "logger=csv")
    assert trained.code == 0, trained.err
    assert "test samples are copies of training samples, e.g. test sample " in trained.err
