"""Labels are drawn by the rows of a matrix, from the settings or from a file."""

from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from nullfit.corruptions import Origin, transition_matrix
from nullfit.corruptions.corruption import TEST_INDEX, account_of
from nullfit.errors import UserError
from tests.corruptions.test_label_noise import balanced, plausible

MATRIX = [[0.5, 0.5, 0.0], [0.1, 0.7, 0.2], [0.0, 0.0, 1.0]]


def drawn(labels, **settings):
    images = torch.zeros(len(labels), 1, 1, 1)
    return transition_matrix(images, labels, 0, Origin(3), **settings).labels


@pytest.mark.parametrize("seed", range(3))
def test_the_matrix_is_recovered_from_many_samples(seed):
    images, labels = balanced(60_000, 3)
    after = transition_matrix(images, labels, seed, matrix=MATRIX).labels
    for row, probabilities in enumerate(MATRIX):
        counts = torch.bincount(after[labels == row], minlength=3).numpy()
        expected = 20_000 * np.array(probabilities)
        possible = expected > 0
        assert not counts[~possible].any()
        if possible.sum() > 1:
            assert chisquare(counts[possible], expected[possible]).pvalue > 1e-3


def test_the_identity_changes_nothing_and_a_permutation_renames():
    _, labels = balanced(3000, 3)
    assert torch.equal(drawn(labels, matrix=[[1, 0, 0], [0, 1, 0], [0, 0, 1]]), labels)
    assert torch.equal(drawn(labels, matrix=[[0, 1, 0], [0, 0, 1], [1, 0, 0]]), (labels + 1) % 3)


def test_a_sample_draws_by_its_number_alone():
    images, labels = balanced(1000, 3)
    origin = Origin(3, first_index=TEST_INDEX)
    whole = transition_matrix(images, labels, 0, origin, matrix=MATRIX).labels
    places = torch.tensor([999, 3, 500])
    some = transition_matrix(
        images[:3], labels[places], 0, origin.starting_at(TEST_INDEX, places), matrix=MATRIX
    )
    assert torch.equal(some.labels, whole[places])


@pytest.mark.parametrize("name", ["a.csv", "a.npy", "a.npz", "several.npz"])
def test_a_file_holds_the_same_matrix(name, tmp_path: Path):
    path, matrix = tmp_path / name, np.array(MATRIX)
    if name == "a.csv":
        path.write_text("\n".join(",".join(map(str, row)) for row in MATRIX))
    elif name == "a.npy":
        np.save(path, matrix)
    else:
        np.savez(path, noise=matrix, **({"other": matrix[0]} if name == "several.npz" else {}))
    key = "noise" if name == "several.npz" else None
    _, labels = balanced(300, 3)
    assert torch.equal(drawn(labels, path=str(path), key=key), drawn(labels, matrix=MATRIX))


def test_rounded_rows_are_divided_by_their_sum():
    _, labels = balanced(3000, 3)
    third = drawn(labels, matrix=[[0.3333] * 3, [1 / 3] * 3, [0, 0.9995, 0]])
    assert third[labels == 2].tolist() == [1] * 1000
    assert set(third.tolist()) == {0, 1, 2}


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (None, r"needs one of corruption\.matrix"),
        ([], "all rows must have the same length"),
        ([[1, 0, 0], [0, 1]], "all rows must have the same length"),
        ([[1, 0], [0, 1]], "has 2×2 entries .* for 3 classes it must have 3×3"),
        ([[1, 0, 0], [0.5, 0.6, 0], [0, 0, 1]], r"row 1 .* has the sum 1\.1"),
        ([[1.5, -0.5, 0], [0, 1, 0], [0, 0, 1]], r"row 0 .* the smallest entry -0\.5"),
        ([[1, 0, 0], [0, 1, 0], [0, float("nan"), 1]], "row 2 .* has the sum nan"),
    ],
)
def test_what_is_no_matrix_of_probabilities_is_refused(matrix, message):
    with pytest.raises(UserError, match=message):
        drawn(torch.arange(3), matrix=matrix)


def test_files_that_hold_none_are_refused(tmp_path: Path):
    def refused(name, message, **settings):
        with pytest.raises(UserError, match=message):
            drawn(torch.arange(3), path=str(tmp_path / name), **settings)

    refused("none.csv", "there is no such file")
    (tmp_path / "words.csv").write_text("a,b,c\n1,0,0\n")
    refused("words.csv", "is no matrix")
    (tmp_path / "words.npy").write_text("a,b,c\n")
    refused("words.npy", r"cannot be read as \.npy of plain numbers")
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    refused("objects.npy", r"cannot be read as \.npy of plain numbers")
    np.save(tmp_path / "header.npy", np.eye(3))
    header = (tmp_path / "header.npy").read_bytes().replace(b"(3, 3)", b"(3, 3 ")
    (tmp_path / "header.npy").write_bytes(header)
    refused("header.npy", r"cannot be read as \.npy of plain numbers")
    np.savez(tmp_path / "two.npz", a=np.eye(3), b=np.eye(3))
    refused("two.npz", r"holds a, b: choose one with corruption\.key")
    refused("two.npz", r"corruption\.key=c is not in", key="c")
    (tmp_path / "one.csv").write_text("1,0,0\n0,1,0\n0,0,1")
    refused("one.csv", "needs one of", matrix=MATRIX)
    refused("one.csv", "needs one of", like=str(tmp_path / "one.csv"))


@pytest.mark.parametrize("own_truth", [True, False])
def test_a_matrix_like_that_of_given_labels_has_their_shares(tmp_path: Path, own_truth):
    """Of 30,000 labels of three classes; class 2 has no label in the file."""
    images, labels = balanced(30_000, 3)
    given = torch.where(torch.arange(30_000) % 10 < 3, (labels + 1) % 3, labels)
    given[labels == 2] = -1
    mixed = torch.randperm(30_000, generator=torch.Generator().manual_seed(0))
    if own_truth:  # in whatever order
        arrays = {"human": given[mixed].numpy(), "clean_label": labels[mixed].numpy()}
        path, key = tmp_path / "labels.npz", "human"
        np.savez(path, **arrays)
    else:
        path, key = tmp_path / "labels.npy", None
        np.save(path, given.numpy())
    origin = Origin(3, labels=labels)
    after = transition_matrix(images, labels, 0, origin, like=str(path), key=key).labels
    for label in (0, 1):
        share = float((given[labels == label] != label).double().mean())
        changed = int((after[labels == label] == label + 1).sum())
        assert plausible(changed, 10_000, share)
        assert 0.25 < share < 0.35
        assert (after[labels == label] != (label + 2) % 3).all()
    assert (after[labels == 2] == 2).all()
    part = torch.tensor([29_999, 4])  # of a smaller training set
    few = transition_matrix(
        images[:2], labels[part], 0, origin.starting_at(0, part), like=str(path), key=key
    )
    assert torch.equal(few.labels, after[part])
    step = partial(transition_matrix, like=str(path), key=key)
    expected = float((given != labels)[labels != 2].double().mean()) * 2 / 3
    assert account_of(step, labels, origin) == (
        f"transition matrix of {path}{' (human)' if key else ''}: "
        f"changes {100 * expected:.2f} % of the training labels on average"
    )


def test_labels_of_other_data_give_no_matrix(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.zeros(4, dtype=int))
    with pytest.raises(UserError, match="has labels up to place 3, and the training set has 3"):
        transition_matrix(
            torch.zeros(3, 1, 1, 1),
            torch.arange(3),
            0,
            Origin(3, labels=torch.arange(3)),
            like=str(tmp_path / "a.npy"),
        )


def test_a_class_of_probability_0_is_never_drawn(monkeypatch):
    exact = np.array([0.0, 0.5, 0.0])
    module = import_module("nullfit.corruptions.transition_matrix")  # not the function
    monkeypatch.setattr(module, "fractions", lambda *_: exact)
    labels = torch.tensor([0, 1, 2])
    rows = [[0.0, 0.0, 1.0], [0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]
    assert drawn(labels, matrix=rows).tolist() == [2, 2, 1]
