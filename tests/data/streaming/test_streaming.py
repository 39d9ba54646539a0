"""Images read from their files whenever they are needed are those of a set held in memory."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from PIL import Image

from nullfit import corruptions as c
from nullfit.corruptions import Corrupted, changes
from nullfit.corruptions.step import Step
from nullfit.data import Dataset, Preprocessing, RandomizedData, Split, randomize
from nullfit.data.limit import limit
from nullfit.data.streaming.lazy_images import LazyImages
from nullfit.errors import UserError
from tests.corruptions.options import IMAGES, LABELS, read
from tests.data.image_folders import make_images, opened

Load = Callable[..., Dataset]

OF_THREE_CLASSES = {
    "asymmetric_labels": partial(c.asymmetric_labels, probability=0.5, classes={0: 1}),
    "transition_matrix": partial(
        c.transition_matrix, matrix=[[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.3, 0.3, 0.4]]
    ),
}
OF_IMAGES = {"none": c.none, **LABELS, **IMAGES, **OF_THREE_CLASSES}
CORRUPTIONS = {
    **{name: [Step(f, read(name)["apply_to"])] for name, f in OF_IMAGES.items()},
    "gaussian of test images": [Step(c.gaussian, "test")],
    "uniform_pixels of training images": [Step(c.uniform_pixels, "train")],
    "chain": [
        Step(c.random_pixels, "both", 0),
        Step(LABELS["random_labels"], "train", 1),
        Step(partial(c.gaussian_noise, sigma=0.3), "test", 2),
        Step(LABELS["shuffled_labels"], "train", 3),
    ],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 training and 12 test images of 10×8 pixels in three classes."""
    return make_images(tmp_path_factory.mktemp("images"), "abc", 40, 12, (10, 8))


@pytest.fixture
def load(folder: Path, tmp_path: Path) -> Load:
    def load(streaming: bool, workers: int = 0, root: Path = folder) -> Dataset:
        return opened(root, tmp_path, streaming, workers)

    return load


def made(split: Split) -> torch.Tensor:
    """All images, in batches of an order of their own."""
    assert isinstance(split.pixels, LazyImages)
    order = torch.randperm(len(split), generator=torch.Generator().manual_seed(0))
    batches = torch.cat(list(split.pixels.batches(order.split(7))))
    images = torch.empty_like(batches)
    images[order] = batches
    return images


def assert_equal(streamed: RandomizedData, held: RandomizedData) -> None:
    assert streamed.labels_changed == held.labels_changed
    assert streamed.images_changed == held.images_changed
    assert streamed.input_shape == held.input_shape
    assert torch.equal(streamed.examples.images, held.examples.images)
    assert torch.equal(streamed.examples.labels, held.examples.labels)
    assert (streamed.test_clean is streamed.test) == (held.test_clean is held.test)
    assert streamed.splits.keys() == held.splits.keys()
    for name, other in held.splits.items():
        one = streamed.splits[name]
        assert torch.equal(one.labels, other.labels), name
        assert torch.equal(one.true_labels, other.true_labels), name
        assert torch.equal(made(one), other.images), name


@pytest.mark.parametrize("steps", CORRUPTIONS.values(), ids=CORRUPTIONS)
@pytest.mark.parametrize("whitening", ["per_image", "per_image_channel", "per_channel", "fixed"])
def test_every_corruption_gives_the_same_bytes(load: Load, steps, whitening) -> None:
    settings = steps, 3, Preprocessing(6, whitening, mean=[0.4], std=[0.2]), 0.2
    streamed = randomize(limit(load(True), 30, 10), *settings)
    assert_equal(streamed, randomize(limit(load(False), 30, 10), *settings))


@pytest.mark.parametrize("corruption", [c.random_pixels, c.gaussian])
def test_further_test_sets_are_the_same(load: Load, corruption) -> None:
    settings = CORRUPTIONS["chain"], 3, Preprocessing(6, "per_channel"), 0.2, False
    other_tests = {"other": Step(corruption, "test")}
    streamed = randomize(limit(load(True), 30, 10), *settings, other_tests)
    assert "test_other" in streamed.splits
    assert isinstance(streamed.splits["test_other"].pixels, LazyImages)
    assert_equal(streamed, randomize(limit(load(False), 30, 10), *settings, other_tests))


@pytest.mark.parametrize("workers", [1, 2])
def test_the_number_of_workers_does_not_matter(load: Load, workers: int) -> None:
    settings = CORRUPTIONS["gaussian"], 3, Preprocessing(None, "per_channel"), 0.2
    assert_equal(randomize(load(True, workers), *settings), randomize(load(False), *settings))


def test_what_is_left_to_the_batches_is_the_same(load: Load) -> None:
    settings = CORRUPTIONS["chain"], 0, Preprocessing(6, "per_channel", while_training=True), 0.2
    streamed, held = (randomize(load(streaming), *settings) for streaming in (True, False))
    assert_equal(streamed, held)
    assert streamed.train.prepare is not None
    assert held.train.prepare is not None
    chosen = torch.tensor([5, 0, 17])
    images = held.train.images[chosen]
    assert torch.equal(streamed.train.prepare(images, chosen), held.train.prepare(images, chosen))


def test_a_fresh_draw_is_the_same(load: Load) -> None:
    settings = CORRUPTIONS["random_pixels"], 0, Preprocessing(), 0.0, True
    streamed, held = (randomize(load(streaming), *settings) for streaming in (True, False))
    assert streamed.redraw is not None
    assert held.redraw is not None
    again = streamed.redraw(2)
    assert torch.equal(made(again), held.redraw(2).images)
    assert not torch.equal(made(again), made(streamed.train))


def test_images_are_read_when_they_are_asked_for(load: Load, folder: Path, tmp_path: Path) -> None:
    data = randomize(load(True), CORRUPTIONS["random_labels"], 0)
    with pytest.raises(UserError, match=r"needs all images in memory.*data\.streaming=false"):
        _ = data.train.images


@pytest.fixture
def own_folder(folder: Path, tmp_path: Path) -> Path:
    """A copy to do harm to."""
    for path in folder.glob("*/*/*.png"):
        copy = tmp_path / "own" / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    return tmp_path / "own"


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("harm", ["gone", "cut", "another size"])
def test_a_file_that_is_lost_on_the_way_is_named(
    load: Load, own_folder: Path, workers: int, harm: str
) -> None:
    data = randomize(load(True, workers, own_folder), CORRUPTIONS["none"], 0)
    file = own_folder / "train" / "b" / "19.png"
    if harm == "gone":
        file.unlink()
    elif harm == "cut":
        file.write_bytes(file.read_bytes()[:60])
    else:
        Image.new("RGB", (3, 3)).save(file)
    with pytest.raises(UserError, match=r"b/19\.png") as raised:
        made(data.train)
    assert len(str(raised.value).splitlines()) <= 2


def brighter_together(images, labels, seed, origin=None):
    return Corrupted.compared(images, labels, images - images.mean(), labels)


def labels_of_bright_images(images, labels, seed, origin=None):
    bright = images.mean((1, 2, 3)) > 0.4
    return Corrupted.compared(images, labels, images, torch.where(bright, 0, labels))


def labels_of_bright_images_in_numpy(images, labels, seed, origin=None):
    bright = torch.from_numpy(images.numpy().mean((1, 2, 3)) > 0.4)
    return Corrupted.compared(images, labels, images, torch.where(bright, 0, labels))


def both_at_once(images, labels, seed, origin=None):
    return Corrupted.compared(images, labels, 1 - images, labels.flip(0))


@changes("labels")
def falsely_of_labels(images, labels, seed, origin=None):
    return labels_of_bright_images(images, labels, seed)


@changes("labels", "images")
def of_both(images, labels, seed, origin=None):
    return both_at_once(images, labels, seed)


@pytest.mark.parametrize(
    ("corruption", "why"),
    [
        (brighter_together, "depends on the other images"),
        (labels_of_bright_images, "labels depends on the images"),
        (labels_of_bright_images_in_numpy, "labels depends on the images"),
        (falsely_of_labels, "labels depends on the images"),
        (both_at_once, "labels and of images at once"),
        (of_both, "labels and of images at once"),
    ],
)
def test_a_corruption_of_the_whole_set_works_in_memory_and_says_so_elsewhere(
    load: Load, corruption, why: str
) -> None:
    steps = [Step(corruption, "train")]
    data = load(False)
    images, labels = data.train.unit_images(), data.train.labels
    held = randomize(data, steps, 0, Preprocessing(whitening="none"))
    after = corruption(images, labels, 0)
    assert torch.equal(held.train.images, after.images)
    assert torch.equal(held.train.labels, after.labels)
    with pytest.raises(UserError, match=rf"(?s)all images at once.*{why}.*streaming=false"):
        randomize(load(True), steps, 0)


@changes("images")
def darkened(images, labels, seed, origin=None):
    return Corrupted.compared(images, labels, images * 0.5, labels)


@changes("labels")
def moved_labels(images, labels, seed, origin=None):
    return Corrupted.compared(images, labels, images, (labels + 1) % origin.classes)


@pytest.mark.parametrize("declares", [darkened, moved_labels])
def test_what_is_declared_is_neither_tried_out_nor_measured(
    load: Load, declares, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(images, labels, seed, origin=None):
        return declares(images, labels, seed, origin)

    settings = 3, Preprocessing(), 0.2
    held = randomize(load(False), [Step(silent, "train")], *settings)
    assert_equal(randomize(load(True), [Step(silent, "train")], *settings), held)
    monkeypatch.delattr("nullfit.data.separation._tried")
    monkeypatch.delattr("nullfit.data.streaming.moments._count")
    assert_equal(randomize(load(True), [Step(partial(declares), "train")], *settings), held)


def darker_or_relabelled(images, labels, seed, origin=None):
    """Keeps to the rules for the first samples only."""
    later = bool((c.numbers(origin, len(labels)) > 5).any())
    return Corrupted.compared(images, labels, images * 0.5, labels + 1 if later else labels)


def test_a_corruption_that_changes_its_mind_is_refused(load: Load) -> None:
    with pytest.raises(UserError, match="Give labels and images a step of their own"):
        randomize(load(True), [Step(darker_or_relabelled, "train")], 0)


def test_sets_beyond_the_memory_left_are_streamed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def load(free: int | None) -> Dataset:
        monkeypatch.setattr("nullfit.system.memory.available_memory", lambda device: free)
        return opened(folder, tmp_path, "auto")

    need = 240 * (40 * 5 + 12 * 9) + 2**30
    assert all(isinstance(load(free).train.images, torch.Tensor) for free in (None, need))
    assert caplog.records == []
    few = load(need - 1)
    assert not isinstance(few.train.images, torch.Tensor)
    assert "data.streaming=auto" in caplog.text
    assert torch.equal(few.train.tensor, load(None).train.tensor)


def test_further_test_sets_take_memory_as_well(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need = 240 * (40 * 5 + 12 * 9) + 2**30
    monkeypatch.setattr("nullfit.system.memory.available_memory", lambda device: need)
    held = opened(folder, tmp_path, "auto", test_corruptions=None)
    streamed = opened(folder, tmp_path, "auto", test_corruptions=["gaussian"])
    assert isinstance(held.train.images, torch.Tensor)
    assert not isinstance(streamed.train.images, torch.Tensor)
