"""What a probe found stands in W&B, too: its figure and its numbers."""

from pathlib import Path

import pytest
from PIL import Image

from nullfit.tasks.train.task import train
from tests.tracking import wandb_file


def test_figure_and_numbers_of_a_probe(tiny_config, tmp_path: Path) -> None:
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
