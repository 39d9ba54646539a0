import pytest
import torch
from torch import Tensor

from nullfit.data.loader import BatchLoader


def loader(count: int, batch_size: int, seed: int = 0, shuffle: bool = True) -> BatchLoader:
    images = torch.arange(count, dtype=torch.float32).view(-1, 1, 1, 1)
    return BatchLoader(images, torch.arange(count), batch_size, seed, shuffle)


def order(batches: BatchLoader) -> list[int]:
    return torch.cat([labels for _, labels in batches]).tolist()


@pytest.mark.parametrize(
    ("count", "batch_size", "sizes"),
    [
        (10, 5, [5, 5]),
        (10, 4, [4, 4, 2]),
        (9, 4, [4, 5]),
        (3, 8, [3]),
        (1, 4, [1]),
        (3, 1, [1, 1, 1]),
    ],
    ids=["even", "partial", "lone last", "one batch", "one sample", "single"],
)
@pytest.mark.parametrize("shuffle", [True, False])
def test_every_sample_comes_once_with_its_label(
    count: int, batch_size: int, sizes: list[int], shuffle: bool
) -> None:
    batches = loader(count, batch_size, shuffle=shuffle)
    assert [len(labels) for _, labels in batches] == sizes
    assert len(batches) == len(sizes)
    assert sorted(order(batches)) == list(range(count))
    for images, labels in batches:
        assert torch.equal(images.flatten().long(), labels)


def test_without_shuffling_the_order_is_the_sets() -> None:
    assert order(loader(10, 4, shuffle=False)) == list(range(10))


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    batches, again = loader(50, 8), loader(50, 16)
    first = order(batches)
    assert order(batches) == first == order(again)
    batches.set_epoch(3)
    again.sampler.set_epoch(3)
    assert order(batches) == order(again) != first
    assert order(loader(50, 8, seed=1)) != first


def test_the_epoch_may_be_set_after_iter() -> None:
    batches, expected = loader(50, 8), loader(50, 8)
    started = iter(batches)
    batches.set_epoch(7)
    expected.set_epoch(7)
    assert torch.cat([labels for _, labels in started]).tolist() == order(expected)


def test_augmentation_draws_depend_on_seed_epoch_and_batch() -> None:
    def draw(images: Tensor, generator: torch.Generator, _: Tensor) -> Tensor:
        return torch.rand(len(images), 1, 1, 1, generator=generator)

    batches = loader(12, 4)
    batches.transform = draw
    first = [images for images, _ in batches]
    assert all(torch.equal(a, b[0]) for a, b in zip(first, batches, strict=True))
    assert not torch.equal(first[0], first[1])
    batches.set_epoch(1)
    assert not torch.equal(first[0], next(iter(batches))[0])
    assert sorted(order(batches)) == list(range(12))


def test_a_transform_is_told_which_samples_a_batch_holds() -> None:
    told = []
    batches = loader(11, 4)
    batches.transform = lambda images, generator, samples: told.append(samples) or images
    labels = [labels for _, labels in batches]  # each sample's is its index
    assert [samples.tolist() for samples in told] == [each.tolist() for each in labels]
    batches.skip(1)
    assert torch.equal(next(iter(batches))[1], told[-1])
