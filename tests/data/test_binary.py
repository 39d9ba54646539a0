"""``data.binary``: two classes made of many, before any corruption."""

from pathlib import Path

import pytest
import torch

from nullfit import assembly
from nullfit.config.compose import compose_run
from nullfit.config.composer import composer
from nullfit.config.identity import config_hash
from nullfit.config.recall import recalled
from nullfit.data import Dataset, ImageSet
from nullfit.data.binary import with_two_classes
from nullfit.errors import UserError
from nullfit.results.result import read_result
from nullfit.runs.preflight.look import Look
from nullfit.tasks.train.task import refuse_beforehand, train
from tests.commands import run_command
from tests.data.image_folders import make_images

HALVES = "data.binary=[[0,1,2,3,4],[5,6,7,8,9]]"
ODD = "data.binary=[[0,2,4,6,8],[1,3,5,7,9]]"


def of_classes(*names: str) -> Dataset:
    labels = torch.arange(3 * len(names)) % len(names)
    split = ImageSet(torch.rand(len(labels), 1, 2, 2), labels, names, "drawn")
    return Dataset("drawn", split, split)


def test_labels_say_which_list_a_class_is_in(make_config) -> None:
    whole = assembly.load_dataset(make_config())
    halves, odd = (assembly.load_dataset(make_config(words)) for words in (HALVES, ODD))
    for split in ("train", "test"):
        before = getattr(whole, split)
        assert torch.equal(getattr(halves, split).labels, (before.labels >= 5).long())
        assert torch.equal(getattr(odd, split).labels, before.labels % 2)
        assert torch.equal(getattr(odd, split).images, before.images)
    assert halves.train.classes == ("0-4", "5-9")
    assert odd.train.classes == ("0+2+4+6+8", "1+3+5+7+9")
    assert halves.account == "two classes of 10: 0-4 and 5-9"


def test_a_subset_is_the_same_as_of_all_classes(make_config) -> None:
    limits = ("data.train_limit=100", "data.test_limit=50")
    whole, halves = (assembly.load_dataset(make_config(*limits, *w)) for w in ((), (HALVES,)))
    assert torch.equal(whole.train.places, halves.train.places)
    assert torch.equal(halves.train.labels, (whole.train.labels >= 5).long())
    assert torch.equal(halves.train.source_labels, (whole.train.source_labels >= 5).long())


@pytest.mark.parametrize(
    ("names", "groups", "made"),
    [
        (("ant", "bee", "cat"), [[0, 2], [1]], ("ant+cat", "bee")),
        (("3", "4", "5"), [[0], [1, 2]], ("3", "4-5")),
        (tuple("abcdefgh"), [[1, 0, 2, 3, 4, 5], [6, 7]], ("a+…+f (6)", "g+h")),
    ],
)
def test_classes_are_called_by_what_they_are_made_of(names, groups, made) -> None:
    two = with_two_classes(of_classes(*names), groups)
    assert two.train.classes == two.test.classes == made
    assert set(two.train.labels.tolist()) == {0, 1}


def test_random_labels_are_random_bits(make_config) -> None:
    data = assembly.randomized_data(make_config(HALVES, "corruption=random_labels"))
    assert data.classes == ("0-4", "5-9")
    assert set(data.train.labels.tolist()) == {0, 1}
    assert abs(data.labels_changed - 0.5) < 0.05
    flipped = assembly.randomized_data(make_config(HALVES, "corruption=pair_flip_labels",
                                                   "corruption.probability=1.0"))  # fmt: skip
    assert torch.equal(flipped.train.labels, 1 - flipped.train.true_labels)


def test_chance_is_the_share_of_the_larger_class(tiny_config, tmp_path: Path, capsys) -> None:
    words = "data.binary=[[0,1,2,3,4,5,6],[7,8,9]]"
    result = train(tiny_config(words, "trainer.max_epochs=1"), tmp_path)
    assert result["data"]["classes"] == 2
    assert result["data"]["class_names"] == ["0-6", "7-9"]
    assert result["data"]["largest_test_class"] == pytest.approx(0.7, abs=0.02)
    assert "two classes of 10: 0-6 and 7-9" in capsys.readouterr().out


def test_without_it_a_run_is_what_it_was(make_config) -> None:
    config = make_config()
    stored = config.plain()
    assert stored["data"].pop("binary") is None
    assert config_hash(stored) == config_hash(config.plain())
    assert len({make_config(*words).job for words in ((), (HALVES,), (ODD,))}) == 3


def test_whoever_starts_from_a_run_has_its_classes(make_config) -> None:
    config = make_config(HALVES)
    with composer():
        again = compose_run([*recalled(config.plain(), []), "task=evaluate", "checkpoint=x"])
    assert again.data.binary == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("[[0,1],[2,3,4,5,6,7,8]]", "data.binary leaves out 9: each of the 10 classes"),
        ("[[0,1,2,3,4],[5,6,7,8,9,10]]", "data.binary names a class 10: each of the 10"),
        ("[[0,1,2,3,4,5,6,7,8],[9,0]]", "it must name each one once"),
        ("[[0,1,2,3,4,5,6,7,8,9],[]]", "it must be two lists of numbers of classes"),
        ("[[0,1,2],[3,4,5],[6,7,8,9]]", "it must be two lists of numbers of classes"),
        ("[0,1]", "data.binary: 0 is not allowed: it must be two lists"),
        ("[[-1,0],[1]]", "data.binary: -1 is not allowed: it must be two lists"),
    ],
)
def test_other_lists_are_refused_before_anything_is_written(
    make_config, tmp_path: Path, value: str, told: str
) -> None:
    def begun() -> None:
        config = make_config(f"data.binary={value}")
        with pytest.raises(UserError) as before:
            refuse_beforehand(config, Look(elsewhere=False))
        with pytest.raises(UserError) as at_start:
            train(config, tmp_path / "run")
        assert str(before.value) == str(at_start.value)
        raise at_start.value

    with pytest.raises(UserError, match=told.replace("[", r"\[")) as refused:
        begun()
    assert len(str(refused.value).splitlines()) <= 2
    assert not (tmp_path / "run").exists()


def test_names_of_classes_are_told_where_numbers_are_not() -> None:
    with pytest.raises(UserError, match=r"leaves out 1 \(bee\), 2 \(cat\): each of the 3 classes"):
        with_two_classes(of_classes("ant", "bee", "cat"), [[0], [3]])


def test_ratings_have_no_classes(make_config) -> None:
    with pytest.raises(UserError, match=r"data\.binary=.* has no effect on data=ratings"):
        make_config("task=factorization", "data=ratings", HALVES)


def test_folders_of_images_have_two_classes(make_config, tmp_path: Path) -> None:
    root = tmp_path / "images"
    make_images(root, "abc", train=12, test=6)
    config = make_config(
        *("data=image_folder", f"data.root={root}", "data.crop=null", "data.image_size=8"),
        "data.binary=[[1],[0,2]]",
    )
    data = assembly.randomized_data(config)
    assert data.classes == ("b", "a+c")
    assert data.train.labels.bincount().tolist() == [4, 8]


def test_training_together_sees_them_as_well(tmp_path: Path) -> None:
    words = (
        *("-m", HALVES, "seed=0,1", "corruption=random_labels", "data.train_limit=200"),
        *("trainer.max_epochs=2", "logger=csv", "model=mlp", "model.hidden=[8]"),
    )
    for outputs, more in (("alone", ()), ("together", ("hydra/launcher=fused",))):
        done = run_command(*words, *more, f"outputs={tmp_path / outputs}", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    alone, together = (sorted((tmp_path / name / "default").glob("mlp*")) for name in
                       ("alone", "together"))  # fmt: skip
    assert len(alone) == len(together) == 2
    for one, other in zip(alone, together, strict=True):
        first, second = read_result(one), read_result(other)
        assert first["data"] == second["data"]
        assert first["corruption"] == second["corruption"]
        assert first["metrics"]["train/loss"] == pytest.approx(second["metrics"]["train/loss"])
