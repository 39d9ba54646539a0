"""Training on images that stay in their files comes to the bits of training in memory."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch

from nullfit.config.identity import config_hash
from nullfit.config.schema import RunConfig
from nullfit.errors import UserError
from nullfit.results.result import read_arrays
from nullfit.tasks.train.task import train
from nullfit.training.recorder import Recorder
from tests.data.image_folders import make_images

Configure = Callable[..., RunConfig]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 training and 20 test images of 9×8 pixels in two classes."""
    return make_images(tmp_path_factory.mktemp("images"), "ab", 60, 20)


@pytest.fixture
def configure(make_config: Configure, folder: Path, tmp_path: Path) -> Configure:
    def configure(streaming: bool, *overrides: str, model: Sequence[str] = ()) -> RunConfig:
        return make_config(
            *("data=image_folder", f"data.root={folder}", f"data.cache={tmp_path / 'cache'}"),
            *(f"data.streaming={str(streaming).lower()}", "data.workers=0", "data.crop=6"),
            *("logger=csv", "trainer.progress=false", "trainer.max_epochs=3"),
            *(
                "data.batch_size=16",
                "optimizer.lr=0.01",
                *(model or ("model=mlp", "model.hidden=[8]")),
            ),
            *("trainer.checkpoint_seconds=0", *overrides),
        )

    return configure


def weights(folder: Path) -> dict[str, torch.Tensor]:
    state = torch.load(folder / "checkpoints" / "final.ckpt", weights_only=True)
    return dict(state["state_dict"])


SETTINGS = {
    "dropout": ["corruption=gaussian_noise", "regularizer=dropout", "data.val_fraction=0.2"],
    "augmented": [
        "corruption=random_pixels",
        "regularizer=[random_crop,augmentation]",
        "data.whitening=per_channel",
    ],
    "fresh": ["corruption=random_labels", "corruption.fresh=true"],
}


@pytest.mark.parametrize("overrides", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("workers", [0, 1])
def test_weights_and_metrics_are_those_of_a_run_in_memory(
    configure: Configure, tmp_path: Path, overrides: list[str], workers: int
) -> None:
    held, streamed = (
        configure(False, *overrides),
        configure(True, *overrides, f"data.workers={workers}"),
    )
    assert config_hash(held.plain()) == config_hash(streamed.plain())
    one, other = (train(config, tmp_path / str(i)) for i, config in enumerate((held, streamed)))
    for field in ("metrics", "corruption", "data", "steps"):
        assert one[field] == other[field], field
    before, after = weights(tmp_path / "0"), weights(tmp_path / "1")
    assert all(torch.equal(before[name], after[name]) for name in before)
    confusions = [read_arrays(tmp_path / n)["confusion_matrix"] for n in ("0", "1")]
    assert (confusions[0] == confusions[1]).all()


def test_a_run_that_was_interrupted_goes_on_to_the_same_bits(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configure(True, "corruption=random_pixels", "regularizer=augmentation")
    train(config, tmp_path / "whole")
    look = Recorder.on_train_batch_end

    def pull(self, trainer, pl_module, outputs, batch, batch_idx) -> None:
        look(self, trainer, pl_module, outputs, batch, batch_idx)
        if trainer.current_epoch == 2 and batch_idx == 1:
            raise KeyError("pulled the plug")

    monkeypatch.setattr(Recorder, "on_train_batch_end", pull)
    with pytest.raises(KeyError, match="pulled the plug"):
        train(config, tmp_path / "broken")
    monkeypatch.setattr(Recorder, "on_train_batch_end", look)
    train(config, tmp_path / "broken")
    before, after = weights(tmp_path / "whole"), weights(tmp_path / "broken")
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_only_image_folders_are_streamed(make_config: Configure) -> None:
    with pytest.raises(UserError, match=r"data\.streaming"):
        make_config("data=digits", "data.streaming=true")


@pytest.mark.slow
def test_inception_v3_trains_at_its_own_size(configure: Configure, tmp_path: Path) -> None:
    config = configure(
        True,
        *("data.image_size=299", "data.crop=null", "data.train_limit=2", "data.test_limit=1"),
        *("data.batch_size=2", "trainer.max_epochs=1", "data.workers=2"),
        model=("model=torchvision", "model.architecture=inception_v3"),
    )
    result = train(config, tmp_path)
    assert result["data"]["input_shape"] == [3, 299, 299]
    assert result["steps"] == 1
