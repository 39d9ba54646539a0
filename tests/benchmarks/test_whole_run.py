"""The recipe and the program train the same network on the same images; times are not looked at."""

from dataclasses import replace

import pytest
import torch

import recipe
import whole_run
from nullfit.data.randomize import Preprocessing, randomize


@pytest.fixture(scope="module")
def case() -> whole_run.Case:
    return whole_run.cases(tiny=True)[0]


def test_the_recipe_sees_the_images_that_the_program_sees(case) -> None:
    source = case.dataset.train
    unit = source.unit_images()
    statistics = (unit.mean((0, 2, 3)).tolist(), unit.std((0, 2, 3), correction=0).tolist())
    behind = whole_run.channels_behind(source.tensor)
    images = recipe.ArrayImages(behind, source.labels.tolist(), recipe.normalized(*statistics))
    ours = randomize(case.dataset, [], 0, Preprocessing(whitening="per_channel")).train
    theirs = torch.stack([images[index][0] for index in range(20)])
    torch.testing.assert_close(theirs, ours.pixels[:20], rtol=1e-4, atol=1e-4)
    assert [images[index][1] for index in range(20)] == ours.labels[:20].tolist()


def test_both_come_to_the_same(case, monkeypatch) -> None:
    monkeypatch.setattr(recipe, "_WORKERS", 0)
    longer = replace(case, epochs=8)
    ours, theirs = whole_run.by_program(longer), whole_run.by_recipe(longer)
    assert ours == pytest.approx(theirs, abs=0.02)
    assert ours[0] > 0.85  # of 300 samples of noise
