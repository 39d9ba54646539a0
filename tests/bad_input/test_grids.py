"""A grid with a job that cannot run is refused before its first training; nothing is written."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.bad_input.conftest import Run

TINY = ("logger=csv", "trainer.progress=false", "trainer.max_epochs=1")


@pytest.mark.parametrize("launcher", [[], ["hydra/launcher=joblib"], ["hydra/launcher=slurm"]])
def test_a_grid_is_refused_before_its_first_job(launcher, run: Run, tmp_path: Path) -> None:
    answer = run("-m", "model=mlp_1x512,lenet", "seed=0,1,2", *launcher, *TINY)
    assert answer.code == 2
    assert answer.err.splitlines() == [
        "nullfit: 3 of 6 jobs of this grid cannot run, so none was begun:",
        "  model=lenet (3 jobs, e.g. seed=0): model lenet needs images of at least 16×16 pixels, "
        "these are 8×8×1; choose larger images or another model.",
    ]
    assert answer.out == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("grid", [("-m", "data.streaming=false,true"), ("data.streaming=true",)])
def test_streamed_images_are_refused_where_all_are_needed_in_the_end(
    grid, run: Run, tmp_path: Path
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (24, 9, 9, 3), dtype=np.uint8)
    for number, pixels in enumerate(images):
        path = tmp_path / "images" / ("train", "test")[number % 2] / "ab"[number // 12]
        path.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path / f"{number}.png")
    probe = ("probe=loss_mixture", "probe.cleanlab=true", "probe.folds=2")
    source = ("data=image_folder", "data.root=images", "data.crop=null", "data.cache=images")
    answer = run(*grid, *source, *probe, *TINY)
    assert answer.code == 2, answer.err
    assert "this needs all images in memory at once" in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["images"]


def test_a_finished_grid_is_repeated_though_its_data_are_gone(run: Run, tmp_path: Path) -> None:
    source = "from nullfit.data import digits\n\n\ndef points():\n    return digits()\n"
    (tmp_path / "vanishing.py").write_text(source)
    own = ("allow_targets=[vanishing]", "data._target_=vanishing.points", "data.train_limit=200")
    grid = ("-m", "seed=0,1", *own, *TINY)
    assert run(*grid).code == 0
    del sys.modules["vanishing"].digits
    again = run(*grid)
    assert again.code == 0, again.err
    assert again.out.count("finished before") == 2
