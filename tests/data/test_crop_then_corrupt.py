"""With random crops and augmentation, too, images are corrupted as the network gets them."""

from functools import partial

import pytest
import torch
from torch import Tensor

from nullfit import corruptions as c
from nullfit.corruptions import Corrupted
from nullfit.corruptions.step import Step
from nullfit.data import Dataset, Preprocessing, randomize
from nullfit.data.augmentation import flip_and_rotate, random_crop
from nullfit.data.limit import limit
from nullfit.data.module import RandomizedDataModule
from nullfit.errors import UserError
from tests.corruptions.options import IMAGES
from tests.data.image_folders import make_images, opened

SEED, SIZE = 3, 6
LATE = Preprocessing(SIZE, "none", while_training=True)


@pytest.fixture(scope="module", params=[False, True], ids=["in memory", "streamed"])
def dataset(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """21 of 30 training images and 8 test images of 9×8 pixels in two classes."""
    root = make_images(tmp_path_factory.mktemp("images"), "ab", 30, 8)
    return limit(opened(root, root / "cache", request.param), 21)


def augment(images: Tensor, random: torch.Generator) -> Tensor:
    return random_crop(flip_and_rotate(images, 20.0, 0.5, random), SIZE, random)


def batches(
    dataset: Dataset, steps: list[Step], epoch: int = 0, fresh: bool = False
) -> list[tuple[Tensor, Tensor]]:
    """The samples' indices and the images of each batch of an epoch."""
    data = randomize(dataset, steps, SEED, LATE, fresh=fresh)
    module = RandomizedDataModule(data, 5, 0, augment)
    module.start_epoch(epoch)
    loader = module.train_dataloader()
    return list(zip(loader.indices(), (images for images, _ in loader), strict=True))


def expected(dataset: Dataset, corruption, clean: Tensor, chosen: Tensor, seed: int) -> Tensor:
    """The corruption of a batch as it is without it."""
    train = dataset.train
    assert train.places is not None
    whole = randomize(dataset, [Step(c.none, "both")], 0, Preprocessing(SIZE, "none")).train
    shown = whole.images if isinstance(whole.pixels, Tensor) else whole.pixels.in_memory()
    origin = c.Origin.of(shown, train.labels).starting_at(0, train.places[chosen])
    return corruption(clean, train.labels[chosen], seed, origin).images


@pytest.mark.parametrize("corruption", IMAGES.values(), ids=IMAGES)
@pytest.mark.parametrize("epoch", [0, 2])
def test_a_batch_is_corrupted_after_it_was_augmented_and_cropped(
    dataset: Dataset, corruption, epoch: int
) -> None:
    clean = batches(dataset, [Step(c.none, "both")], epoch)
    corrupted = batches(dataset, [Step(corruption, "both")], epoch)
    for (chosen, before), (same, after) in zip(clean, corrupted, strict=True):
        assert torch.equal(chosen, same)
        torch.testing.assert_close(
            after, expected(dataset, corruption, before, chosen, SEED), atol=1e-6, rtol=1e-6
        )


def test_what_replaces_an_image_leaves_nothing_for_a_crop_to_vary(dataset: Dataset) -> None:
    first, later = (
        dict(
            zip(
                torch.cat([i for i, _ in found]).tolist(),
                torch.cat([x for _, x in found]),
                strict=True,
            )
        )
        for found in (batches(dataset, [Step(c.uniform_pixels, "both")], epoch) for epoch in (0, 1))
    )
    assert all(torch.equal(first[sample], later[sample]) for sample in first)


def test_all_that_is_not_trained_on_is_as_without_random_crops(dataset: Dataset) -> None:
    steps = [
        Step(partial(c.random_labels, probability=0.5), "train", 0),
        Step(c.gaussian, "both", 1),
    ]
    for kind in ("per_image", "per_image_channel", "per_channel"):
        late, early = (
            randomize(dataset, steps, SEED, Preprocessing(SIZE, kind, while_training), 0.3)
            for while_training in (True, False)
        )
        assert late.images_changed == early.images_changed == 1
        assert late.labels_changed == early.labels_changed
        assert torch.equal(late.examples.images, early.examples.images)
        assert late.val is not None
        assert early.val is not None
        for one, other in (
            (late.val, early.val),
            (late.test, early.test),
            (late.test_clean, early.test_clean),
        ):
            assert torch.equal(one.labels, other.labels)
            assert torch.equal(whole(one), whole(other))
        assert late.train.prepare is not None
        for chosen in (torch.tensor([9, 3]), torch.arange(4)):  # as it is evaluated
            made = late.train.prepare(whole(late.train)[chosen], chosen)
            torch.testing.assert_close(made, whole(early.train)[chosen])


def whole(split) -> Tensor:
    return split.pixels if isinstance(split.pixels, Tensor) else split.pixels.in_memory()


def test_a_fresh_draw_is_another_in_each_epoch(dataset: Dataset) -> None:
    found = {
        epoch: batches(dataset, [Step(c.uniform_pixels, "train")], epoch, True) for epoch in (0, 1)
    }
    again = batches(dataset, [Step(c.uniform_pixels, "train")], 1, True)
    assert all(torch.equal(x, y) for (_, x), (_, y) in zip(found[1], again, strict=True))
    of_sample = [
        {int(i): x for chosen, images in found[epoch] for i, x in zip(chosen, images, strict=True)}
        for epoch in (0, 1)
    ]
    assert not any(torch.equal(of_sample[0][i], of_sample[1][i]) for i in of_sample[0])


def test_a_part_of_the_samples_is_prepared_as_the_whole(dataset: Dataset) -> None:
    train = randomize(dataset, [Step(c.random_pixels, "train")], SEED, LATE).train
    assert train.prepare is not None
    among = torch.arange(len(train)) % 3 == 1
    images = whole(train)
    part = train.prepare.of(among)(images[among], slice(None))
    assert torch.equal(part, train.prepare(images, slice(None))[among])


def brighter_together(images, labels, seed, origin=None):
    return Corrupted.compared(images, labels, images - images.mean(), labels)


def test_a_corruption_of_all_images_at_once_is_refused(dataset: Dataset) -> None:
    with pytest.raises(UserError, match=r"all images at once.*\n.*"):
        randomize(dataset, [Step(brighter_together, "train")], 0, LATE)
