"""What a probe found stands in W&B, too: its figure and its numbers."""

import json
from pathlib import Path

import pytest
from PIL import Image

from nullfit.tasks.train.task import train
from tests.drawing import draw_as_it_is
from tests.tracking import wandb_file


def test_figure_and_numbers_of_a_probe(tiny_config, tmp_path: Path, monkeypatch) -> None:
    draw_as_it_is(monkeypatch.setattr)
    config = tiny_config(
        "logger=wandb", "probe=loss_mixture", "trainer.max_epochs=1",
        "corruption=random_labels", "corruption.probability=0.4",
    )  # fmt: skip
    result = train(config, tmp_path)
    (path,) = tmp_path.glob("wandb/offline-run-*/run-*.wandb")
    recorded = wandb_file.read(path)
    found = result["loss_mixture"]
    for name in ("area_under_curve", "precision", "recall", "estimated_noise_level"):
        assert recorded.summary[f"loss_mixture/{name}"] == pytest.approx(found[name])
    (picture,) = tmp_path.glob("wandb/offline-run-*/files/media/images/loss_mixture_*.png")
    with Image.open(picture) as image:
        assert image.width > 500


def test_extreme_samples_of_a_probe_are_a_table_with_pictures(tiny_config, tmp_path: Path) -> None:
    config = tiny_config(
        "logger=wandb", "probe=dynamics", "trainer.max_epochs=2",
        "corruption=random_labels", "corruption.probability=0.4",
    )  # fmt: skip
    result = train(config, tmp_path)
    (path,) = tmp_path.glob("wandb/offline-run-*/run-*.wandb")
    recorded = wandb_file.read(path)
    area = result["dynamics"]["area_under_curve"]["aum"]
    assert recorded.summary["dynamics/area_under_curve/aum"] == pytest.approx(area)
    (file,) = tmp_path.glob("wandb/offline-run-*/files/media/table/dynamics/*.table.json")
    table = json.loads(file.read_text())
    assert table["columns"][:4] == ["which", "picture", "index", "label"]
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]
    assert [row["which"] for row in rows] == ["forgotten most"] * 10 + ["forgotten least"] * 10
    assert rows[0]["forgetting"] is None  # never learnt
    assert rows[-1]["forgetting"] == 0
    (artifact,) = [of for of in recorded.artifacts if "extremes" in of.name]
    pictures = [e for e in artifact.manifest.contents if e.path.startswith("media/images/")]
    assert len(pictures) == len(rows)
    for picture in pictures:
        with Image.open(picture.local_path) as image:
            assert image.size == (8, 8)
