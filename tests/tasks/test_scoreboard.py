"""Experiments through the command line, Hydra's sweeper included, and their scoreboard."""

import json

import pandas
import pytest
import torch
from PIL import Image

from nullfit.config.composer import composer
from nullfit.config.plan import compose_grid
from nullfit.config.validation import validate
from nullfit.errors import UserError
from nullfit.results.published.scoreboard import readable, usable_scoreboard
from nullfit.results.study import read_study
from nullfit.tasks.scoreboard import _print, scoreboard
from nullfit.tasks.train.task import train
from tests.commands import run_command

TINY = [
    *("experiment=table_1", "model=mlp_1x512", "seed=0,1", "trainer.max_epochs=1"),
    *("data.train_limit=100", "logger=csv", "trainer.progress=false"),
]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Table 1's cells of one network, two seeds, one epoch."""
    folder = tmp_path_factory.mktemp("outputs")
    run_command(*TINY, f"outputs={folder}", cwd=folder).check_returncode()
    return folder


def test_the_sweeper_runs_the_jobs_that_were_validated(outputs):
    with composer():
        configs = compose_grid([*TINY, f"outputs={outputs}"], multirun=False).configs
        planned = {validate(config).job for config in configs}
    done = {path.parent.name for path in outputs.glob("table_1/*/result.json")}
    assert done == planned
    assert len(done) == 2 * 3  # weight decay, neither, random labels


def test_the_scale_is_recorded(outputs):
    for path in outputs.glob("table_1/*/result.json"):
        assert json.loads(path.read_text())["scale"] == "small"
        assert "scale: small\n" in (path.parent / "config.yaml").read_text()


def test_the_scoreboard_is_printed_and_written(outputs, make_config, tmp_path, capsys):
    config = make_config("task=scoreboard", "study=table_1", f"outputs={outputs}")
    assert config.job == "scoreboard"
    scoreboard(config, tmp_path / "scoreboard")
    printed = capsys.readouterr().out
    assert "table_1: nothing to compare, since none of the 8 published numbers has its" in printed
    assert "Zhang et al." not in printed
    written = pandas.read_csv(tmp_path / "scoreboard/scoreboard.csv")
    assert len(written) == 8  # 3 cells × 2 accuracies, parameters, relative time to fit
    assert not written["same_setup"].any()
    accuracies = written["quantity"].isin(["train/accuracy", "test/accuracy"])
    assert set(written.loc[accuracies, "n"]) == {2}
    assert "| NO |" in (tmp_path / "scoreboard/scoreboard.md").read_text()


def test_a_number_of_another_setup_is_marked_among_comparable_ones(outputs, capsys):
    numbers = usable_scoreboard(read_study(str(outputs), "table_1"))
    numbers.loc[0, "same_setup"] = True
    _print(readable(numbers))
    printed = capsys.readouterr().out
    assert "Zhang et al. 2017, Table 1" in printed
    assert "≠ 1" in printed
    assert "1: no reproduction: other data: digits; scale=small" in printed


def test_a_study_without_published_counterpart_says_so(tiny_config, make_config, tmp_path, capsys):
    run = tiny_config("model=wide_resnet_10", "corruption=uniform_pixels", "trainer.max_epochs=1")
    train(run, tmp_path / "outputs/default" / run.job)
    scoreboard(make_config("task=scoreboard"), tmp_path / "scoreboard")
    assert "no published number belongs to any of its settings" in capsys.readouterr().out
    assert not (tmp_path / "scoreboard").exists()


def test_inception_v3_on_an_image_folder(make_config, tmp_path):
    random = torch.Generator().manual_seed(0)
    for split, samples in (("train", 8), ("test", 2)):
        for label in ("cat", "dog"):
            (tmp_path / split / label).mkdir(parents=True)
            for i in range(samples):
                pixels = torch.randint(0, 256, (80, 90, 3), generator=random, dtype=torch.uint8)
                Image.fromarray(pixels.numpy()).save(tmp_path / split / label / f"{i}.png")
    config = make_config(
        *("experiment=imagenet_table_2", "regularizer=[augmentation,dropout,weight_decay]"),
        *(f"data.root={tmp_path}", "data.batch_size=8", "trainer.max_epochs=1"),
        *("logger=csv", "trainer.progress=false"),
    )
    result = train(config, tmp_path / "run")
    assert result["status"] == "completed"
    assert result["data"]["input_shape"] == [3, 75, 75]
    assert result["model"]["parameters"] == 21_785_568 + 2 * 2049


def test_the_cnn_says_that_digits_are_too_small(make_config, tmp_path):
    config = make_config("experiment=cnn_against_mlp", "model=lenet", "logger=csv")
    with pytest.raises(UserError, match=r"^model lenet needs images of at least 16×16 pixels"):
        train(config, tmp_path / "run")
