"""Norms against matrices written out, path norm against a sum over all paths."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn

from nullfit.tasks.measures import norms
from nullfit.tasks.measures.norms import (
    frobenius_norm,
    log_path_norm,
    log_product,
    log_spectral_complexity,
    row_norms,
    spectral_norm,
)
from nullfit.tasks.measures.structure import structure_of
from tests.tasks.measures.networks import convolutional, images, matrix_of, mlp


@pytest.mark.parametrize("padding_mode", ["zeros", "circular"])
def test_a_convolution_has_the_norms_of_its_matrix(padding_mode):
    torch.manual_seed(0)
    layer = nn.Conv2d(2, 3, 3, stride=2, padding=1, padding_mode=padding_mode).double()
    network = nn.Sequential(layer, nn.ReLU(), nn.Flatten(), nn.Linear(27, 4).double())
    first, last = structure_of(network, images()).layers
    matrix = matrix_of(layer, (2, 6, 6)).numpy()
    assert matrix.shape == (27, 72)
    assert spectral_norm(first) == pytest.approx(np.linalg.norm(matrix, 2), rel=1e-8)
    assert frobenius_norm(first) == pytest.approx(np.sqrt((layer.weight**2).sum().item()))
    own = network[3].weight.detach().numpy()
    assert spectral_norm(last) == pytest.approx(np.linalg.svd(own)[1][0])
    if padding_mode == "zeros":
        rows = np.sqrt((matrix**2).sum(1)).sum()
        assert row_norms(first) == pytest.approx(rows)
        reshaped = np.linalg.norm(layer.weight.detach().reshape(3, -1).numpy(), 2)
        assert spectral_norm(first) != pytest.approx(reshaped, rel=0.02)


def test_large_matrices_have_the_same_norm_by_iteration(monkeypatch):
    layer = structure_of(mlp(72, 40, 4), images()).layers[0]
    exact = spectral_norm(layer)
    monkeypatch.setattr(norms, "_SMALL", 1)
    assert spectral_norm(layer) == pytest.approx(exact, rel=1e-9)


def test_maps_to_and_from_one_number_have_a_norm(monkeypatch):
    monkeypatch.setattr(norms, "_SMALL", 0)
    wide, narrow = structure_of(mlp(72, 1, 4), images()).layers
    assert spectral_norm(wide) == pytest.approx(wide.weight.norm().item())
    assert spectral_norm(narrow) == pytest.approx(narrow.weight.norm().item())


def test_the_path_norm_is_a_sum_over_all_paths():
    network = mlp(3, 4, 5, 2)
    weights = [layer.weight.detach().numpy() for layer in network if isinstance(layer, nn.Linear)]
    biases = [layer.bias.detach().numpy() for layer in network if isinstance(layer, nn.Linear)]
    total = 0.0
    for path in itertools.product(range(3), range(4), range(5), range(2)):
        total += (
            math.prod(w[b, a] for w, (a, b) in zip(weights, itertools.pairwise(path), strict=True))
            ** 2
        )
    for path in itertools.product(range(4), range(5), range(2)):
        last = [w[b, a] for w, (a, b) in zip(weights[1:], itertools.pairwise(path), strict=True)]
        total += (biases[0][path[0]] * math.prod(last)) ** 2
    for path in itertools.product(range(5), range(2)):
        total += (biases[1][path[0]] * weights[2][path[1], path[0]]) ** 2
    total += (biases[2] ** 2).sum()
    assert math.exp(log_path_norm(network, (1, 1, 3))) == pytest.approx(math.sqrt(total))


def test_the_path_norm_of_a_convolution_is_that_of_its_matrix():
    torch.manual_seed(0)
    convolution = nn.Conv2d(2, 3, 3, stride=2, padding=1, bias=False).double()
    network = nn.Sequential(convolution, nn.ReLU(), nn.Flatten(), nn.Linear(27, 4, bias=False))
    network = network.double()
    first, last = matrix_of(convolution, (2, 6, 6)).numpy(), network[3].weight.detach().numpy()
    total = (last**2 @ first**2).sum()
    assert math.exp(log_path_norm(network, (2, 6, 6))) == pytest.approx(math.sqrt(total))


def test_the_path_norm_does_not_feel_scales_moved_between_layers():
    network = convolutional()
    before = log_path_norm(network, (2, 6, 6))
    with torch.no_grad():
        network[0].weight *= 7
        network[0].bias *= 7
        network[3].weight /= 7
    assert log_path_norm(network, (2, 6, 6)) == pytest.approx(before)


def test_spectral_complexity_is_that_of_the_paper():
    network = convolutional()
    layers = structure_of(network, images()).layers
    matrices = [
        matrix_of(network[0], (2, 6, 6)),
        matrix_of(network[3], (3, 3, 3)),
        network[6].weight.detach(),
    ]
    spectral = [np.linalg.norm(m.numpy(), 2) for m in matrices]
    # (2, 1) norm of the transposed matrix: its columns are the rows
    columns = [np.linalg.norm(m.numpy().T, axis=0).sum() for m in matrices]
    inner = sum((c / s) ** (2 / 3) for c, s in zip(columns, spectral, strict=True))
    expected = np.prod(spectral) * inner**1.5
    found = log_spectral_complexity(
        [spectral_norm(layer) for layer in layers], [row_norms(layer) for layer in layers]
    )
    assert math.exp(found) == pytest.approx(expected, rel=1e-8)
    moved = row_norms(layers[2], layers[2].weight - 1)
    assert moved == pytest.approx(np.linalg.norm(matrices[2].numpy() - 1, axis=1).sum())


def test_products_do_not_overflow():
    assert log_product([1e300, 1e300]) == pytest.approx(600 * math.log(10))
    assert log_product([2.0, 0.0]) == -math.inf
    assert log_spectral_complexity([1.0, 0.0], [1.0, 0.0]) == -math.inf
