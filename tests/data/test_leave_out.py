"""``data.leave_out``: what stays is what it was, in whatever run it stays."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas
import pytest
import torch

from nullfit import corruptions as c
from nullfit.config.identity import config_hash
from nullfit.config.recall import recalled
from nullfit.corruptions.step import Step
from nullfit.data import Dataset, ImageSet, Preprocessing, randomize
from nullfit.data.leave_out import kept_samples
from nullfit.data.limit import limit
from nullfit.data.streaming.lazy_images import LazyImages
from nullfit.errors import UserError
from nullfit.results.readable_table import readable
from nullfit.results.result import read_result
from nullfit.results.study import read_study
from nullfit.results.table import study_table
from nullfit.runs.inserted_words import say_where_data_were
from nullfit.runs.preflight.look import Look
from nullfit.tasks.permutation.table_problem import table_of
from nullfit.tasks.train.task import refuse_beforehand, train
from tests.data.image_folders import make_images, opened
from tests.fused.comparison import assert_the_same

CLASSES = ("ant", "bee", "cat")
LABELS = [Step(partial(c.random_labels, probability=0.5), "train")]
OUT = [3, 10, 11, 40, 79]


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    draws = torch.Generator().manual_seed(0)

    def split(samples: int) -> ImageSet:
        images = torch.rand(samples, 1, 3, 3, generator=draws)
        return ImageSet(images, torch.arange(samples) % 3, CLASSES, "drawn for this test")

    return Dataset("drawn", split(80), split(20))


@pytest.fixture
def file(tmp_path: Path):
    def write(text: str) -> str:
        path = tmp_path / "out.csv"
        path.write_text(text)
        return str(path)

    return write


def listed(indices: list[int]) -> str:
    return "index\n" + "".join(f"{index}\n" for index in indices)


@pytest.mark.parametrize(
    "steps",
    [
        LABELS,
        [Step(partial(c.shuffled_labels, fraction=1.0), "train")],
        [Step(c.gaussian, "both")],
        [Step(c.random_pixels, "both"), *LABELS],
    ],
    ids=["random labels", "shuffled labels", "moments", "chain"],
)
@pytest.mark.parametrize(
    "preprocessing",
    [Preprocessing(whitening="per_channel"), Preprocessing(crop=2, while_training=True)],
    ids=["prepared", "while training"],
)
@pytest.mark.parametrize("kept", [{}, {"train": 50}], ids=["all", "limited"])
def test_what_stays_is_what_it_was(dataset, file, steps, preprocessing, kept) -> None:
    source = limit(dataset, **kept)
    whole, less = (
        randomize(source, steps, 0, preprocessing, 0.2, leave_out=out)
        for out in (None, file(listed(OUT)))
    )
    assert whole.left_out == 0
    assert less.left_out == len(whole.train) - len(less.train) > 0
    assert whole.train.places is not None
    assert less.train.places is not None
    stays = torch.tensor([int(place) not in OUT for place in whole.train.places])
    assert torch.equal(less.train.places, whole.train.places[stays])
    assert torch.equal(less.train.labels, whole.train.labels[stays])
    assert torch.equal(less.train.true_labels, whole.train.true_labels[stays])
    assert less.labels_changed == less.train.label_changed.double().mean()
    chosen = torch.arange(len(less.train))
    images = [split.images for split in (less.train, whole.train.selection(stays))]
    if less.train.prepare is not None:
        assert whole.train.prepare is not None
        images[0] = less.train.prepare(images[0], chosen)
        images[1] = whole.train.prepare(whole.train.images, slice(None))[stays]
    assert torch.equal(*images)
    assert torch.equal(less.test.images, whole.test.images)
    assert less.val is not None
    assert whole.val is not None
    assert torch.equal(less.val.images, whole.val.images)


def test_fresh_labels_are_those_that_they_would_be(dataset, file) -> None:
    whole, less = (
        randomize(dataset, LABELS, 0, fresh=True, leave_out=out)
        for out in (None, file(listed(OUT)))
    )
    assert whole.redraw is not None
    assert less.redraw is not None
    stays = torch.tensor([place not in OUT for place in range(80)])
    for epoch in (0, 3):
        assert torch.equal(less.redraw(epoch).labels, whole.redraw(epoch).labels[stays])


@pytest.mark.parametrize("streaming", [False, True])
def test_images_are_left_out_by_their_files(tmp_path, file, streaming) -> None:
    root = make_images(tmp_path / "images", "abc", train=12, test=3)
    source = opened(root, tmp_path / "cache", streaming)
    out = file("file,rank\na/00.png,1\ntrain/b/04.png,2\n05.png,3\n")
    steps = [Step(c.random_pixels, "both")]
    whole, less = (randomize(source, steps, 0, leave_out=path) for path in (None, out))
    assert whole.train.files is not None
    assert less.train.files is not None
    gone = {b"train/a/00.png", b"train/b/04.png", b"train/c/05.png"}
    stays = torch.tensor([bytes(name) not in gone for name in whole.train.files])
    assert less.train.files.tolist() == whole.train.files[stays.numpy()].tolist()
    assert isinstance(less.train.pixels, LazyImages) == streaming
    some = np.arange(len(less.train))
    assert torch.equal(
        less.train.pictures(some), whole.train.pictures(stays.nonzero().flatten().numpy())
    )


def test_places_count_before_the_limits(dataset, file) -> None:
    limited = limit(dataset, train=20).train
    assert limited.places is not None
    places = limited.places.tolist()
    away = next(place for place in range(80) if place not in places)
    kept = kept_samples(limited, file(listed([away, places[4]])))
    assert kept.indices.tolist() == [place for place in range(20) if place != 4]
    assert kept.elsewhere == 1


def test_names_without_effect_are_counted(dataset, file) -> None:
    source = limit(dataset, train=20)
    places = source.train.places.tolist()
    away = [place for place in range(80) if place not in places][:3]
    with_them = randomize(source, [], 0, leave_out=file(listed([*away, places[4]])))
    without = randomize(source, [], 0, leave_out=file(listed([places[4]])))
    assert "data.leave_out: 3 more samples that it names" in with_them.account
    assert without.account is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (listed([80]), "index=80 is not in 0 to 79"),
        ("index\n1.5\n", "index=1.5 is not in"),
        ("place\n1\n", "it needs index or file: a heading such as index,label"),
        ("file\na.png\n", "the training images have no names here"),
        ("index,weight\n1,0.5\n", "can only be left out, not weighted"),
        ("index\n", "names none of the 80 training samples"),
        ("index,true_label\n1,2\n", "the sample has the true_label 1 here"),
        (listed([*range(1, 80, 3)]), "leaves no training sample of bee"),
        (listed([i for i in range(80) if i % 3]), "leaves no training sample of bee and 1 more"),
        (listed([*range(80)]), "leaves out all 80 training samples"),
        ("index;file\n1;a\n", "columns are separated by commas"),
        ("index,file\n1,a/1.png\n", "line 2: it has file=a/1.png, and the training images have no"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(dataset, file, text, told) -> None:
    with pytest.raises(UserError) as error:
        kept_samples(dataset.train, file(text))
    assert told in str(error.value)


def test_no_file_and_strangers_in_it_are_told(tmp_path, file, dataset) -> None:
    with pytest.raises(UserError, match=r"data\.leave_out=gone\.csv: there is no such file"):
        kept_samples(dataset.train, "gone.csv")
    root = make_images(tmp_path / "images", "abc", train=6, test=3)
    source = opened(root, tmp_path / "cache", streaming=False)
    with pytest.raises(UserError, match=r"has the name a/99\.png; take the row out"):
        kept_samples(source.train, file("file\na/00.png\na/99.png\n"))
    with pytest.raises(UserError, match=r"has the name a/98\.png \(1 more are unknown\);"):
        kept_samples(source.train, file("file\na/98.png\na/99.png\n"))


def test_a_sample_may_be_named_twice(dataset, file) -> None:
    assert len(kept_samples(dataset.train, file("index,file\n1,\n1,\n")).indices) == 79


def test_a_list_of_images_that_were_moved_is_refused(tmp_path, file) -> None:
    root = make_images(tmp_path / "images", "abc", train=12, test=3)
    train = opened(root, tmp_path / "cache", streaming=False).train
    assert train.files is not None
    names = [bytes(name).decode() for name in train.files]
    text = f"index,file\n1,{names[1]}\n2,{names[2].removeprefix('train/')}\n3,\n"
    assert len(kept_samples(train, file(text)).indices) == 9
    (root / names[1]).rename(root / "train/c/99.png")
    moved = opened(root, tmp_path / "cache", streaming=False).train
    with pytest.raises(
        UserError, match=r"line 2: index 1 is train/.*png here, not train/a/"
    ) as told:
        kept_samples(moved, file(text))
    assert "take out the column index" in str(told.value)
    beyond = f"index,file\n11,{names[10]}\n"
    with pytest.raises(UserError, match=r"line 2: index 11 is train/c/99\.png here"):
        kept_samples(moved, file(beyond))


RUN = (
    *("corruption=random_labels", "corruption.probability=0.5", "trainer.max_epochs=2"),
    *("model=mlp", "model.hidden=[8]", "data.batch_size=30"),
)


def test_a_run_says_how_many_were_left_out(tiny_config, file, capsys) -> None:
    whole = tiny_config(*RUN, "probe=[dynamics,loss_mixture]")
    outputs = Path(whole.outputs) / whole.study
    train(whole, outputs / whole.job)
    samples = pandas.read_csv(outputs / whole.job / "samples.csv")
    capsys.readouterr()
    out = file(samples[samples["corrupted"] == 1].head(40).to_csv(index=False))
    less = tiny_config(*RUN, "probe=[dynamics,loss_mixture]", f"data.leave_out={out}")
    train(less, outputs / less.job)
    assert "160 training images of 8×8×1 (40 left out)" in capsys.readouterr().out
    result = read_result(outputs / less.job)
    assert result is not None
    assert (result["data"]["train_samples"], result["data"]["left_out"]) == (160, 40)
    left = pandas.read_csv(outputs / less.job / "samples.csv").set_index("index")
    before = samples.set_index("index").loc[left.index]
    for column in ("label", "true_label", "corrupted"):
        assert left[column].equals(before[column])
    table = readable(study_table(read_study(whole.outputs, whole.study).runs))
    assert sorted(table["left out"]) == ["40", "–"]


def test_trainings_together_leave_out_as_alone(tiny_config, file) -> None:
    words = (
        *RUN,
        "trainer.precision=64-true",
        f"data.leave_out={file(listed([*range(0, 300, 5)]))}",
    )
    assert_the_same([tiny_config(*words, f"seed={seed}") for seed in (0, 1)])


def test_which_samples_are_left_out_says_which_run_it_is(make_config, file) -> None:
    def digest(text: str) -> str:
        return config_hash(make_config(f"data.leave_out={file(text)}").plain())

    first = digest("index\n1\n")
    assert digest("index\n2\n") != first == digest("index\n1\n")
    plain = make_config().plain()
    without = {**plain, "data": {k: v for k, v in plain["data"].items() if k != "leave_out"}}
    assert config_hash(plain) == config_hash(without) != first
    lengths = [make_config(f"data.leave_out={file('index')}", *more) for more in ([], LONG)]
    assert len({config_hash(config.plain()) for config in lengths}) == 2


LONG = ["trainer.max_epochs=3480"]  # what is left open comes to, where nothing is left out


def test_a_stored_run_does_not_say_which_file_is_read(make_config, file) -> None:
    plain = make_config(f"data.leave_out={file('index')}").plain()
    assert not [text for text in recalled(plain, []) if "leave_out" in text]


def test_a_grid_is_refused_beforehand(tiny_config, file) -> None:
    for text, told in ((listed([9999]), "is not in 0 to"), (listed([*range(195)]), "batch_size")):
        config = tiny_config(*RUN, f"data.leave_out={file(text)}", "data.batch_size=190")
        with pytest.raises(UserError, match=told):
            refuse_beforehand(config, Look(elsewhere=False))


@pytest.mark.parametrize(
    "words",
    [
        ("task=show",),
        ("task=summary",),
        ("task=table",),
        ("task=factorization", "data=ratings"),
    ],
)
def test_it_is_refused_where_nothing_is_trained_on_samples(make_config, words) -> None:
    with pytest.raises(UserError, match=r"data\.leave_out=out\.csv has no effect on"):
        make_config(*words, "data.leave_out=out.csv")


def test_a_tested_table_has_all_its_rows(make_config, tmp_path) -> None:
    (tmp_path / "rows.csv").write_text("a,b,y\n" + "1,2,3\n" * 20)
    words = ("task=permutation_test", "data=table", f"data.path={tmp_path / 'rows.csv'}")
    config = make_config(*words, "data.target=y", "data.leave_out=out.csv")
    with pytest.raises(UserError, match="leave rows out of the file"):
        table_of(config)


def test_a_part_of_a_split_is_taken_by_index_and_by_mask(dataset) -> None:
    split = randomize(dataset, LABELS, 0).train
    mask = torch.arange(80) % 2 == 0
    by_mask = split.selection(mask)
    by_index = replace(split, files=np.arange(80)).selection(torch.arange(0, 80, 2))
    assert torch.equal(by_mask.images, by_index.images)
    assert by_index.places is not None
    assert by_index.places.tolist() == by_index.files.tolist() == [*range(0, 80, 2)]


def test_an_evaluation_says_that_none_are_left_out(capsys) -> None:
    say_where_data_were({"leave_out": "out.csv"}, {})
    told = capsys.readouterr().err
    assert "all training samples are measured on" in told
    assert "add data.leave_out=out.csv" in told
    say_where_data_were({"leave_out": "out.csv"}, {"data.leave_out": "other.csv"})
    assert not capsys.readouterr().err
