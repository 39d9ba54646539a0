"""``trainer.keep_epochs``: the weights after some epochs stay in the run's folder."""

from pathlib import Path

import pytest
import torch

from nullfit.config.identity import config_hash
from nullfit.config.weights import kept_epochs
from nullfit.errors import UserError
from nullfit.runs.training import prepare
from nullfit.tasks.train.task import train
from nullfit.training.checkpoint_format import read_checkpoint
from tests.training.interruption import unplugged

KEEP = "trainer.keep_epochs=[0,2,3]"
VARIANTS = {
    "plain": [],
    "batch norm": ["model=wide_resnet_10", "data.train_limit=40"],
    "double precision": ["trainer.precision=64-true"],
}


def kept(folder: Path, epoch: int | None = None) -> dict[str, torch.Tensor]:
    name = "final" if epoch is None else f"epoch_{epoch}"
    return read_checkpoint(folder / "checkpoints" / f"{name}.ckpt")["state_dict"]


def assert_same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("words", VARIANTS.values(), ids=VARIANTS)
def test_what_is_kept_is_what_a_run_stopped_at_that_epoch_has(tiny_config, tmp_path, words) -> None:
    words = ["schedule=constant", *words]  # others follow from the number of epochs
    config = tiny_config(KEEP, "trainer.max_epochs=3", *words)
    initial = {
        k: v.clone() for k, v in prepare(config, tmp_path / "none").network.state_dict().items()
    }
    train(config, tmp_path / "kept")
    assert kept_epochs(tmp_path / "kept") == [0, 2, 3]
    train(tiny_config("trainer.max_epochs=2", *words), tmp_path / "stopped")
    assert_same(kept(tmp_path / "kept", 0), initial)
    assert_same(kept(tmp_path / "kept", 2), kept(tmp_path / "stopped"))
    assert_same(kept(tmp_path / "kept", 3), kept(tmp_path / "kept"))


def test_keeping_changes_nothing_else(tiny_config, tmp_path: Path) -> None:
    plain = train(tiny_config("trainer.max_epochs=3"), tmp_path / "plain")
    result = train(tiny_config(KEEP, "trainer.max_epochs=3"), tmp_path / "kept")
    assert result["metrics"] == plain["metrics"]
    assert kept_epochs(tmp_path / "plain") == []
    assert not (tmp_path / "kept/checkpoints/last.ckpt").exists()


def test_an_interrupted_run_ends_with_the_same_weights(
    tiny_config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tiny_config(KEEP, "trainer.max_epochs=3", "trainer.checkpoint_seconds=0")
    train(config, tmp_path / "whole")
    with unplugged(monkeypatch, epoch=1):
        train(config, tmp_path / "broken")
    assert kept_epochs(tmp_path / "broken") == [0]
    train(config, tmp_path / "broken")
    assert kept_epochs(tmp_path / "broken") == [0, 2, 3]
    for epoch in (0, 2, 3):
        assert_same(kept(tmp_path / "broken", epoch), kept(tmp_path / "whole", epoch))


def test_a_run_that_ends_early_keeps_what_came(tiny_config, tmp_path: Path) -> None:
    words = ("trainer.keep_epochs=[0,1,90]", "trainer.max_epochs=100")
    train(tiny_config(*words, "trainer.stop_at_train_accuracy=0.05"), tmp_path)
    assert kept_epochs(tmp_path) == [0, 1]


def test_it_is_another_run_and_null_is_none(make_config) -> None:
    plain = config_hash(make_config().plain())
    assert config_hash(make_config(KEEP).plain()) != plain
    assert config_hash(make_config("trainer.keep_epochs=null").plain()) == plain
    assert make_config("trainer.keep_epochs=5").trainer.keep_epochs == [5]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["trainer.keep_epochs=[4]", "trainer.max_epochs=3"], "an epoch that does not come"),
        (["trainer.keep_epochs=[1,1]"], "it must name each one once"),
        (["trainer.keep_epochs=[-1]"], "0"),
        (["trainer.keep_epochs=[0]", "task=kernel"], "no effect on task=kernel"),
    ],
)
def test_what_cannot_be_kept_is_refused(make_config, words, message) -> None:
    with pytest.raises(UserError, match=message):
        make_config(*words)
