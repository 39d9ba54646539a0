"""Runs whose masks of feature maps may have been others when they were trained together."""

import sys

import pytest

from nullfit.config import revisions
from nullfit.config.identity import config_hash

WIDE = ("model=wide_resnet_10", "model.dropout=0.3")
SQUEEZENET = ("model=torchvision", "model.architecture=squeezenet1_1")
OWN = (
    *("model._target_=own_models.Own", "allow_targets=[own_models]"),
    *("~model.hidden", "~model.bias", "~model.dropout"),
)

AGAIN = {
    "wide residual network": WIDE,
    "its regularizer": ("model=wide_resnet", "regularizer=dropout"),
    "in double precision": (*WIDE, "trainer.precision=64-true"),
    "laid out as by default": (*WIDE, "trainer.memory_format=channels_last"),
    "signs": (*WIDE, "task=rademacher"),
    "the architecture's own dropout": SQUEEZENET,
    "a network of one's own": OWN,
}
FINISHED = {
    "no dropout": ("model=wide_resnet_10",),
    "laid out otherwise": (*WIDE, "trainer.memory_format=contiguous"),
    "mixed precision, never fused": (*WIDE, "trainer.precision=bf16-mixed"),
    "compiled, never fused": (*WIDE, "trainer.compile=default"),
    "shared by processes, never fused": (*WIDE, "trainer.devices=2"),
    "a permutation test, which has no run alone": (*WIDE, "task=permutation_test"),
    "no dropout of its own": (*SQUEEZENET, "model.dropout=0"),
    "no maps, torchvision": ("model=torchvision", "model.architecture=alexnet"),
    "no dropout, torchvision": ("model=torchvision",),
    "a network of one's own in mixed precision": (*OWN, "trainer.precision=bf16-mixed"),
    **{
        f"features of {model}": (f"model={model}", "regularizer=dropout")
        for model in ("mlp_1x512", "lenet", "alexnet", "inception", "mini_googlenet")
    },
}


@pytest.fixture
def hashes(make_config, monkeypatch: pytest.MonkeyPatch, tmp_path):
    """Of a configuration, before and after the mending."""
    (tmp_path / "own_models.py").write_text(
        "from torch import nn\n"
        "class Own(nn.Linear):\n"
        "    def __init__(self, input_shape, classes):\n"
        "        super().__init__(1, classes)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "own_models", raising=False)

    def of(*overrides: str) -> tuple[str, str]:
        config = make_config(*overrides)
        plain, now = config.plain(), config_hash(config.plain())
        assert config.job.endswith(now[:8])
        others = {k: v for k, v in revisions._REVISIONS.items() if not k.startswith("masks of")}
        with monkeypatch.context() as before:
            before.setattr(revisions, "_REVISIONS", others)
            return config_hash(plain), now

    return of


@pytest.mark.parametrize("overrides", AGAIN.values(), ids=AGAIN)
def test_what_may_have_been_trained_with_other_masks_runs_again(hashes, overrides) -> None:
    before, now = hashes(*overrides)
    assert now != before


@pytest.mark.parametrize("overrides", FINISHED.values(), ids=FINISHED)
def test_what_had_the_right_masks_stays_finished(hashes, overrides) -> None:
    before, now = hashes(*overrides)
    assert now == before
