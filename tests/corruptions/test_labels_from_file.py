"""Labels of a file are put in their places, whatever part of the data is used."""

import hashlib
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from nullfit.corruptions import Origin, label_files, labels_from_file
from nullfit.corruptions.step import Step
from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.limit import limit
from nullfit.data.randomize import randomize
from nullfit.errors import UserError

CLASSES = ("ant", "bee", "cat")
TRUE = torch.tensor([0, 1, 2, 0, 1, 2])
FILES = [f"train/{CLASSES[label]}/{place % 4}.png" for place, label in enumerate(TRUE.tolist())]


def origin(files=FILES):
    names = None if files is None else np.array([name.encode() for name in files])
    return Origin(3, class_names=CLASSES, labels=TRUE, files=names)


def read(path: Path, own: Origin | None = None, **settings) -> list[int]:
    images = torch.zeros(6, 1, 1, 1)
    result = labels_from_file(images, TRUE, 0, own or origin(), path=str(path), **settings)
    assert torch.equal(result.changed, result.labels != TRUE)
    return result.labels.tolist()


@pytest.fixture
def csv(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "labels.csv"
        path.write_text(text, encoding="utf-8-sig")
        return path

    return write


@pytest.mark.parametrize(
    "text",
    [
        "index,label\n1,cat\n4,0\n",
        "label, index\ncat, 1\nant, 4\n",
        "file,label\ntrain/bee/1.png,cat\ntrain/bee/0.png,ant\n",
        "file,label\nbee/1.png,cat\nbee/0.png,ant\n",
        "file,label,more\n./bee/1.png,2,x\nbee\\0.png,0,y\n",
    ],
)
def test_what_a_csv_file_leaves_out_keeps_its_label(csv, text):
    assert read(csv(text)) == [0, 2, 2, 0, 0, 2]


def test_a_name_without_folders_is_enough_where_it_is_the_only_one(csv):
    files = [f"train/{CLASSES[label]}/{place}.png" for place, label in enumerate(TRUE.tolist())]
    assert read(csv("file,label\n5.png,ant\n"), origin(files)) == [0, 1, 2, 0, 1, 0]
    with pytest.raises(UserError, match=r"several training images have the name 0\.png"):
        read(csv("file,label\n0.png,ant\n"))


def test_the_column_of_labels_may_have_another_name(csv):
    path = csv("index,first,second\n0,1,2\n")
    assert read(path, key="first")[0] == 1
    assert read(path, key="second")[0] == 2


def test_arrays_have_a_label_for_each_sample_or_none(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.array([2, -1, 1], dtype=np.int16))
    assert read(tmp_path / "a.npy") == [2, 1, 1, 0, 1, 2]
    np.save(tmp_path / "names.npy", np.array(["cat", "ant", "bee", "cat", "ant", "bee"]))
    assert read(tmp_path / "names.npy") == [2, 0, 1, 2, 0, 1]
    np.savez(tmp_path / "a.npz", one=np.array([1] * 6), two=np.array([2] * 6))
    assert read(tmp_path / "a.npz", key="two") == [2] * 6


def test_names_of_classes_go_before_numbers(csv):
    own = Origin(3, class_names=("2", "1", "0"), labels=TRUE)
    assert read(csv("index,label\n0,2\n1,0\n"), own)[:2] == [0, 2]


# As CIFAR-10N's file: in an order in which the classes are mixed.
MIXED = np.array([2, 0, 1, 1, 0, 2])


def test_the_original_order_is_that_of_the_samples_of_each_class(tmp_path: Path):
    np.savez(tmp_path / "a.npz", clean_label=MIXED, worse_label=np.array([0, 1, 2, 0, 2, 1]))
    # Places 0 and 3 are the ants, in the file at 1 and 4; and so on.
    expected = [1, 2, 0, 2, 0, 1]
    assert read(tmp_path / "a.npz", key="worse_label", order="original") == expected
    with pytest.raises(UserError, match=r"another order .* 5 of its clean_labels are not those"):
        read(tmp_path / "a.npz", key="worse_label")
    np.savez(tmp_path / "b.npz", clean_label=TRUE.numpy(), worse_label=np.array([2] * 6))
    assert read(tmp_path / "b.npz", key="worse_label") == [2] * 6
    np.savez(tmp_path / "c.npz", clean_label=MIXED[:5], worse_label=MIXED[:5])
    with pytest.raises(UserError, match="order=original is impossible"):
        read(tmp_path / "c.npz", key="worse_label", order="original")


def saved(path: Path, content: object, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of torch.save's that is taken for the known one."""
    torch.save(content, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(label_files, "_KNOWN_TORCH_FILES", {digest})
    return path


def test_a_file_of_torch_is_read_if_it_is_the_known_one(tmp_path: Path, monkeypatch):
    content = {"clean_label": TRUE.numpy(), "worse_label": np.array([1, 1, 2, 0, 0, 2])}
    path = saved(tmp_path / "a.pt", content, monkeypatch)
    assert read(path, key="worse_label") == [1, 1, 2, 0, 0, 2]
    with pytest.raises(UserError, match="holds clean_label, worse_label: choose one"):
        read(path)
    monkeypatch.undo()
    with pytest.raises(UserError, match=r"only CIFAR-10_human\.pt is"):
        read(path, key="worse_label")


class _Opens:
    def __reduce__(self):
        return (open, ("opened", "w"))


def test_a_file_of_torch_runs_no_code_whatever_its_hash(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = saved(tmp_path / "a.pt", {"worse_label": _Opens()}, monkeypatch)
    with pytest.raises(UserError, match="holds more than arrays"):
        read(path, key="worse_label")
    assert not (tmp_path / "opened").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "has the columns a, b; it needs index or file, and label"),
        ("", "it needs index or file, and label"),
        ("index,label\n", "has no label of a training sample"),
        ("index,label\n6,1\n", "line 2: index=6 is not in 0 to 5"),
        ("index,label\n-1,1\n", "line 2: index=-1 is not in 0 to 5"),
        ("index,label\n0,1\n1\n", "line 3: there is no class ; there are ant, bee, cat"),
        ("index,label\n0,3\n", "line 2: there is no class 3; there are ant, bee, cat"),
        ("index,label\n0,1\n0,2\n", "line 3: index 0 was there before"),
        ("file,label\ndog/1.png,1\n", "has no label of a training sample"),
    ],
)
def test_files_that_do_not_fit_are_refused(csv, text, message):
    with pytest.raises(UserError, match=message):
        read(csv(text))


def test_arrays_that_do_not_fit_are_refused(tmp_path: Path):
    for array, message in (
        (np.zeros(7, dtype=int), "labels up to place 6, and the training set has 6 samples"),
        (np.zeros((6, 3)), r"labels are whole numbers .* float64 of shape \(6, 3\)"),
        (np.array([3]), "there is no class 3"),
    ):
        np.save(tmp_path / "a.npy", array)
        with pytest.raises(UserError, match=message):
            read(tmp_path / "a.npy")


def test_names_need_files_and_a_corruption_a_path(csv):
    with pytest.raises(UserError, match="the training images have no names here"):
        read(csv("file,label\na,1\n"), origin(files=None))
    with pytest.raises(UserError, match=r"needs corruption\.path"):
        labels_from_file(torch.zeros(6, 1, 1, 1), TRUE, 0, origin())


def dataset(samples: int = 60) -> Dataset:
    labels = torch.arange(samples) % 3
    split = ImageSet(torch.zeros(samples, 1, 2, 2), labels, CLASSES, "drawn")
    return Dataset("drawn", split, split)


@pytest.mark.parametrize(("train_limit", "val_fraction"), [(None, 0.0), (30, 0.0), (30, 0.5)])
def test_each_sample_keeps_its_label_in_any_subset_and_the_others_theirs(
    tmp_path: Path, train_limit, val_fraction
):
    given = np.where(np.arange(60) < 45, (np.arange(60) * 7 + np.arange(60) // 3) % 3, -1)
    np.save(tmp_path / "a.npy", given)
    step = Step(partial(labels_from_file, path=str(tmp_path / "a.npy")), "train")
    whole = dataset()
    data = randomize(limit(whole, train_limit), [step], 0, val_fraction=val_fraction)
    kept = limit(whole, train_limit).train
    if val_fraction:
        assert data.val is not None
        assert torch.equal(data.val.labels, data.val.true_labels)
        assert len(data.train) == 15
    else:
        places = torch.arange(60) if kept.places is None else kept.places
        expected = torch.from_numpy(given)[places]
        assert torch.equal(data.train.labels, torch.where(expected < 0, kept.labels, expected))
    assert torch.equal(data.test.labels, whole.test.labels)


def test_the_account_says_what_is_covered_and_how_much_of_it_is_true(tmp_path: Path):
    path = tmp_path / "a.csv"
    rows = [f"{place},{CLASSES[(place + (place < 4)) % 3]}" for place in range(15)]
    path.write_text("\n".join(["index,label", *rows]))
    step = Step(partial(labels_from_file, path=str(path)), "train")
    data = randomize(dataset(), [step], 0)
    assert data.account == (
        f"labels of {path}: 15 of 60 training samples have one (25.00 %), 11 of these the true one "
        "(73.33 %)"
    )
    assert data.labels_changed == pytest.approx(4 / 60)
