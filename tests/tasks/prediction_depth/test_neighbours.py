"""Nearest neighbours held against scikit-learn's, by hand where samples tie."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from nullfit.data.randomized_data import Split
from nullfit.models import MLP
from nullfit.tasks.prediction_depth import neighbours
from nullfit.tasks.prediction_depth.layers import batches_of
from nullfit.tasks.prediction_depth.neighbours import (
    Nearest,
    NeighbourSearch,
    distances,
    majority,
)

K = 5


@pytest.fixture(scope="module")
def digits() -> tuple[Split, Split]:
    images, labels = load_digits(return_X_y=True)
    pixels = torch.from_numpy(images).float().div(16).reshape(-1, 1, 8, 8)
    of = torch.from_numpy(labels).long()
    noisy = of.clone()
    noisy[:300:3] = (of[:300:3] + 1) % 10
    return Split(pixels[:300], noisy[:300], of[:300]), Split(
        pixels[300:370], of[300:370], of[300:370]
    )


@pytest.fixture(scope="module")
def network() -> MLP:
    torch.manual_seed(0)
    return MLP((1, 8, 8), 10, hidden=[100, 20], bias=True, dropout=0.0)


def layers_of(network: MLP, split: Split) -> list[np.ndarray]:
    ((_, found),) = batches_of(network, split, torch.arange(len(split)), len(split))
    return [layer.double().numpy() for layer in found.layers]


def test_test_samples_are_named_as_by_scikit_learn(digits, network) -> None:
    train, test = digits
    found = NeighbourSearch(network, train, K, 10).of(test)
    assert found.names == ("input", "hidden.1", "hidden.4", "softmax")
    for named, of_train, of_test in zip(
        found.neighbours, layers_of(network, train), layers_of(network, test), strict=True
    ):
        other = KNeighborsClassifier(K, algorithm="kd_tree").fit(of_train, train.labels.numpy())
        assert named.tolist() == other.predict(of_test).tolist()
    with torch.no_grad():
        assert found.answers.tolist() == network(test.images).argmax(1).tolist()


def test_training_samples_are_none_of_their_own_neighbours(digits, network) -> None:
    train, _ = digits
    found = NeighbourSearch(network, train, K, 10).of(train)
    labels = train.labels.numpy()
    for named, of_train in zip(found.neighbours, layers_of(network, train), strict=True):
        places = NearestNeighbors(n_neighbors=K).fit(of_train).kneighbors(return_distance=False)
        assert not (places == np.arange(len(places))[:, None]).any()
        votes = [np.bincount(labels[row], minlength=10).argmax() for row in places]
        assert named.tolist() == votes
    alone = NeighbourSearch(network, train, 1, 10).of(train).neighbours
    assert (alone[:, ::3] == labels[::3]).mean() < 0.5  # its own label would make it 1


@pytest.mark.parametrize(("held", "passing"), [(1, 1), (7 * 194, 11 * 194)])
def test_blocks_do_not_matter(digits, network, monkeypatch, held: int, passing: int) -> None:
    train, test = (split.selection(torch.arange(20)) for split in digits)
    search = NeighbourSearch(network, train, K, 10)
    whole = [search.of(split) for split in (train, test)]
    monkeypatch.setattr(neighbours, "_HELD", held)
    monkeypatch.setattr(neighbours, "_PASSING", passing)
    for split, before in zip((train, test), whole, strict=True):
        after = search.of(split)
        assert np.array_equal(after.neighbours, before.neighbours)
        assert np.array_equal(after.answers, before.answers)


def test_progress_counts_pairs(digits, network) -> None:
    train, test = digits
    counted = []
    search = NeighbourSearch(network, train, K, 10, counted.append)
    search.of(train)
    search.of(test)
    assert sum(counted) == 300 * 300 + 300 * 70


@pytest.mark.parametrize("width", [3, 200])
def test_distances_are_those_of_differences(width: int) -> None:
    draw = torch.Generator().manual_seed(1)
    a, b = (torch.randn(n, width, generator=draw) + 1000 for n in (4, 5))
    exact = (a.double()[:, None] - b.double()).square().sum(2).sqrt()
    torch.testing.assert_close(distances(a, b), exact.float(), rtol=1e-6, atol=0)


def test_nearly_equal_outputs_keep_their_distances() -> None:
    a = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    b = torch.tensor([[1 - 1e-12, 1e-12], [1 - 3e-12, 3e-12]], dtype=torch.float64)
    assert distances(a, b)[0].tolist() == pytest.approx(
        [2**0.5 * 1e-12, 3 * 2**0.5 * 1e-12], rel=1e-3
    )


def test_of_equal_distances_the_first_training_sample_is_the_neighbour() -> None:
    nearest = Nearest.none(1, torch.device("cpu"))
    nearest = nearest.with_others(torch.tensor([[2.0, 1.0, 1.0]]), torch.tensor([0, 1, 2]), 3)
    assert nearest.places.tolist() == [[1, 2, 0]]
    nearest = nearest.with_others(torch.tensor([[1.0, 0.5]]), torch.tensor([3, 4]), 3)
    assert nearest.places.tolist() == [[4, 1, 2]]
    assert nearest.distances.tolist() == [[0.5, 1, 1]]


@pytest.mark.parametrize("width", [3, 200])
def test_copies_of_a_sample_tie(width: int) -> None:
    draw = torch.Generator().manual_seed(2)
    rows = torch.randn(3, width, generator=draw)
    apart = distances(torch.randn(1, width, generator=draw), rows.repeat(50, 1)).view(50, 3)
    assert (apart == apart[0]).all()


def test_of_equally_many_votes_the_lowest_class_wins() -> None:
    labels = torch.tensor([[2, 1, 1, 2], [3, 3, 0, 1], [2, 0, 1, 3]])
    assert majority(labels, 4).tolist() == [1, 3, 0]
